import { createFlagEvaluator } from './evaluation/flag-evaluator.ts';
import type { FlagEvaluator, SegmentMembers } from './evaluation/flag-evaluator.ts';

/** Evaluates a document, and gives the next one those of its flags that stay as they are. */
export interface DocumentEvaluator extends FlagEvaluator {
  readonly members: SegmentMembers;
  /** By key: what each flag was compiled from, which is the document without the other flags. */
  readonly compiled: ReadonlyMap<string, CompiledFlag>;
}

interface CompiledFlag {
  readonly text: string;
  readonly evaluator: FlagEvaluator;
}

/**
 * Compiles each flag of a document on its own, and only what an earlier evaluator over the very same members has not compiled
 * already: switching one flag of fifty takes the time of one, during which a process answers nobody.
 * @throws {Error} where flagd-core refuses the document, or one of its rules.
 */
export function createDocumentEvaluator(
  document: string,
  members: SegmentMembers,
  before?: DocumentEvaluator,
): DocumentEvaluator {
  const { flags, ...rest } = parse(document);
  const known = before?.members === members ? before.compiled : undefined;
  const compile = (key: string, text: string): CompiledFlag => {
    const earlier = known?.get(key);
    return earlier?.text === text ? earlier : { text, evaluator: createFlagEvaluator(text, members) };
  };
  const textWith = (some: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ ...rest, flags: some });
  const none = createFlagEvaluator(textWith({}), members);
  const compiled = new Map(
    Object.entries(flags).map(([key, flag]) => [key, compile(key, textWith({ [key]: flag }))] as const),
  );
  const evaluatorOf = (key: string): FlagEvaluator => compiled.get(key)?.evaluator ?? none;
  return {
    members,
    compiled,
    keys: [...compiled.keys()],
    evaluate: (key, context) => evaluatorOf(key).evaluate(key, context),
    resolve: (type, key, fallback, context) => evaluatorOf(key).resolve(type, key, fallback, context),
  };
}

interface ParsedDocument {
  readonly flags: Readonly<Record<string, unknown>>;
}

/** @throws {Error} in flagd-core's words, where there are no flags to be told apart. */
function parse(document: string): ParsedDocument {
  const parsed = jsonOf(document);
  if (isRecord(parsed) && isRecord(parsed['flags'])) return { ...parsed, flags: parsed['flags'] };
  createFlagEvaluator(document);
  throw new Error('expected a flagd document: its flags by their keys');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
