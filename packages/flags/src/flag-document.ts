import { createDocumentEvaluator } from './document-evaluator.ts';
import type { DocumentEvaluator } from './document-evaluator.ts';
import type { SegmentMembers } from './evaluation/flag-evaluator.ts';
import type { FlagSnapshot } from './flag-source.ts';
import { sha256Hex } from './sha256.ts';

/** A snapshot that was found sound and is ready to be evaluated. */
export interface LoadedFlags {
  readonly snapshot: FlagSnapshot;
  readonly evaluator: DocumentEvaluator;
  /** What each flag depends on: two equal fingerprints answer everybody alike, as far as the document says. */
  readonly flags: ReadonlyMap<string, FlagFacts>;
}

interface FlagFacts {
  readonly fingerprint: string;
  readonly hasTargeting: boolean;
  readonly segments: ReadonlySet<string>;
}

/**
 * Checks a snapshot and compiles its rules. Segments that no flag asks for are left out.
 * @param before what was loaded last: what is still the same of it is taken over.
 * @throws {Error} naming the revision and what is wrong, when the text is not what its digest says or flagd would not
 *   evaluate it as written.
 */
export function loadFlags(snapshot: FlagSnapshot, before?: LoadedFlags): LoadedFlags {
  const place = `flag document of revision ${snapshot.revision}`;
  const digest = sha256Hex(snapshot.document);
  if (digest !== snapshot.digest) {
    throw new Error(`${place}: its SHA-256 is ${digest}, expected ${JSON.stringify(snapshot.digest)}`);
  }
  try {
    const needed = segmentsNeededBy(snapshot.document);
    const asked = new Map([...snapshot.segments].filter(([segment]) => needed.has(segment)));
    const segments =
      before !== undefined && haveSameMembers(asked, before) ? before.snapshot.segments : asked;
    const evaluator = createDocumentEvaluator(snapshot.document, segments, before?.evaluator);
    return { snapshot: { ...snapshot, segments }, evaluator, flags: new Map(flagFacts(snapshot.document)) };
  } catch (error) {
    throw new Error(`${place}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** The segments that a document asks for; none of one that makes no sense, which `loadFlags` then refuses. */
export function segmentsNeededBy(document: string): ReadonlySet<string> {
  try {
    return new Set(segmentsAskedFor(JSON.parse(document)));
  } catch {
    return new Set();
  }
}

/** The keys of the flags that may answer someone differently than before. */
export function changedFlags(before: LoadedFlags | undefined, after: LoadedFlags): string[] {
  const keys = new Set([...(before?.flags.keys() ?? []), ...after.flags.keys()]);
  return [...keys].filter((key) => {
    const old = before?.flags.get(key);
    const now = after.flags.get(key);
    if (old === undefined || now === undefined || old.fingerprint !== now.fingerprint) return true;
    return [...now.segments].some((segment) => !sameMembers(segment, before, after));
  });
}

function haveSameMembers(segments: SegmentMembers, { snapshot }: LoadedFlags): boolean {
  const [names, earlierNames] = [[...segments.keys()], [...snapshot.segments.keys()]];
  if (names.length !== earlierNames.length || names.some((name, at) => name !== earlierNames[at]))
    return false;
  return names.every((name) => areSame(snapshot.segments.get(name), segments.get(name)));
}

function sameMembers(segment: string, before: LoadedFlags | undefined, after: LoadedFlags): boolean {
  return areSame(before?.snapshot.segments.get(segment), after.snapshot.segments.get(segment));
}

function areSame(old: ReadonlySet<string> = new Set(), now: ReadonlySet<string> = new Set()): boolean {
  return old === now || (old.size === now.size && [...now].every((key) => old.has(key)));
}

function* flagFacts(document: string): Generator<[string, FlagFacts]> {
  const { flags } = JSON.parse(document) as { flags: Record<string, { targeting?: unknown }> };
  for (const [key, flag] of Object.entries(flags)) {
    const hasTargeting = Object.keys(flag.targeting ?? {}).length > 0;
    const segments = new Set(segmentsAskedFor(flag.targeting));
    yield [key, { fingerprint: JSON.stringify(flag), hasTargeting, segments }];
  }
}

/** Finds `{"in": [NAME, {"var": "segments"}]}` wherever it stands in a rule. */
function* segmentsAskedFor(rule: unknown): Generator<string> {
  if (typeof rule !== 'object' || rule === null) return;
  if ('in' in rule && Array.isArray(rule.in)) {
    const [name, list] = rule.in as unknown[];
    const asksForSegments =
      typeof list === 'object' && list !== null && 'var' in list && list.var === 'segments';
    if (asksForSegments && typeof name === 'string') yield name;
  }
  for (const part of Object.values(rule)) yield* segmentsAskedFor(part);
}
