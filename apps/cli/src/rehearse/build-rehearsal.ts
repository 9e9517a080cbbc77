import type { BoundPlan, Direction } from '@crossfade/engine';
import { z } from 'zod';
import type { Difference } from './compare-states.ts';
import type { FullSize } from './full-size.ts';
import { isStronger, modeText } from './lock-effects.ts';
import type { HeldLock, WatchedStatement } from './lock-record.ts';
import { placeOfStatement } from './place-of-statement.ts';
import { rowsOf, type SeenPass, type SeenStep } from './rehearse-passes.ts';
import type {
  LongestLock,
  Rehearsal,
  RehearsedLock,
  RehearsedPart,
  RehearsedPass,
  RehearsedStatement,
} from './rehearsal-schema.ts';
import type { NotRehearsed } from './rehearsed-steps.ts';

export interface RehearsalParts {
  readonly bound: BoundPlan;
  readonly copy: Omit<Rehearsal['copy'], 'tables'>;
  readonly passes: readonly SeenPass[];
  readonly notRehearsed: readonly NotRehearsed[];
  readonly fullSize: FullSize;
  readonly kept: Rehearsal['kept'];
}

/** Everything that is told of a rehearsal, from what was seen. */
export function buildRehearsal(parts: RehearsalParts): Rehearsal {
  const { bound, copy, fullSize, notRehearsed, kept } = parts;
  const passes = parts.passes.map((pass) => passOf(pass, parts));
  const problems = problemsOf(passes);
  const tables = new Set(locksIn(passes).map(({ lock }) => lock.table));
  return {
    version: 1,
    ok: problems.length === 0,
    problems,
    plan: bound.plan.name,
    digest: bound.digest,
    copy: { ...copy, tables: [...fullSize.sizesOf(tables)] },
    passes,
    longest: { forward: longestOf('forward', passes, fullSize), undo: longestOf('undo', passes, fullSize) },
    fullForwardMs: Math.max(0, ...passes.filter(({ direction }) => direction === 'forward').map(fullMs)),
    notRehearsed: [...notRehearsed],
    undosNotTried: undosNotTried(parts.passes),
    kept,
  };
}

function passOf({ direction, steps }: SeenPass, parts: RehearsalParts): RehearsedPass {
  const rehearsed = steps.map((step) => partOf(step, direction, parts));
  return { direction, tookMs: rehearsed.reduce((sum, { tookMs }) => sum + tookMs, 0), steps: rehearsed };
}

function fullMs({ steps }: RehearsedPass): number {
  return steps.reduce((sum, { fullTookMs }) => sum + fullTookMs, 0);
}

function partOf(seen: SeenStep, direction: Direction, parts: RehearsalParts): RehearsedPart {
  const { owner, end, tookMs, differs } = seen;
  const { id, type } = owner.step;
  const names = owner.type.references(owner.step.config).files;
  const told = seen.statements.filter(({ text, locks }) => locks.length > 0 || placed(text) !== null);
  const longerMs = seen.statements.reduce((sum, each) => sum + allRowsMs(each, parts) - each.tookMs, 0);
  const rows = end.end === 'done' ? rowsOf(end.facts) : null;
  return {
    step: id,
    type,
    status: end.end,
    said: end.end === 'done' ? end.summary : end.reason,
    tookMs,
    fullTookMs: tookMs + longerMs,
    pacedMs: direction === 'forward' ? pacedMs(owner.step.config, seen, parts) : null,
    rows,
    statements: told.map((each) => statementOf(each)),
    differs: differs.map((difference) => ({ ...difference })),
  };

  function placed(text: string): ReturnType<typeof placeOfStatement> {
    return placeOfStatement(text, names, parts.bound.files, direction);
  }

  function statementOf(each: WatchedStatement): RehearsedStatement {
    const place = placed(each.text);
    return {
      file: place?.file ?? null,
      line: place?.line ?? null,
      text: shortText(each.text),
      times: Math.max(1, each.times),
      tookMs: each.tookMs,
      locks: each.locks.map((lock) => lockOf(lock, each, parts)),
    };
  }
}

function allRowsMs({ text, tookMs, locks }: WatchedStatement, { fullSize }: RehearsalParts): number {
  return fullSize.scaledMs(
    text,
    locks.map(({ table }) => table),
    tookMs,
  );
}

/** What is done again and again, a batch each time, is done more often when there are more rows, and takes no longer. */
function lockOf(
  lock: HeldLock,
  { text, times }: WatchedStatement,
  { fullSize }: RehearsalParts,
): RehearsedLock {
  const { table, index, mode, keepsOut, covered, longestMs } = lock;
  const fullHeldMs = times > 1 ? longestMs : fullSize.scaledMs(text, [table], longestMs);
  return {
    table,
    index,
    mode: modeText(mode),
    keepsOut,
    heldMs: longestMs,
    fullHeldMs,
    times: lock.times,
    covered,
  };
}

/** Done forward, and never back: the first time ends before a contract, after which there is no way back. */
export function undosNotTried(passes: readonly SeenPass[]): string[] {
  // Where something failed, that is what is told.
  if (passes.length < 3) return [];
  const stepsOf = (direction: Direction): readonly SeenStep[] =>
    passes.flatMap((pass) => (pass.direction === direction ? pass.steps : []));
  const tried = new Set(stepsOf('undo').map(({ owner }) => owner.step.id));
  const forward = stepsOf('forward').filter(({ owner }) => owner.type.reversibility === 'reversible');
  return [...new Set(forward.map(({ owner }) => owner.step.id))].filter((id) => !tried.has(id));
}

const pacedSettings = z.looseObject({
  table: z.string(),
  pace: z.object({ rows: z.number(), every: z.number() }),
});

function pacedMs(config: unknown, { end }: SeenStep, { fullSize }: RehearsalParts): number | null {
  const paced = pacedSettings.safeParse(config).data;
  const rows = end.end === 'done' ? rowsOf(end.facts) : null;
  if (!paced || rows === null) return null;
  const allRows = rows * fullSize.factorOf(paced.table.replace(/^public\./, ''));
  return (allRows / paced.pace.rows) * paced.pace.every;
}

const longestText = 72;

function shortText(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= longestText ? line : `${line.slice(0, longestText - 1)}…`;
}

function problemsOf(passes: readonly RehearsedPass[]): string[] {
  return passes.flatMap(({ direction, steps }, index) =>
    steps.flatMap(({ step, status, said, differs }) => {
      const again = direction === 'forward' && index > 0 ? ' again' : '';
      if (status === 'failed')
        return [`${step} failed ${direction === 'undo' ? 'to be taken back' : `forward${again}`}: ${said}`];
      return differs.length === 0
        ? []
        : [`the undo of ${step} does not put back what was there: ${differs.map(differenceText).join('; ')}`];
    }),
  );
}

function differenceText({ object, before, after }: Difference): string {
  if (before === null) return `${object} is left`;
  return after === null ? `${object} is gone` : `${object} was ${before}, is ${after}`;
}

interface PlacedLock {
  readonly step: string;
  readonly direction: Direction;
  readonly place: string;
  readonly lock: RehearsedLock;
}

function locksIn(passes: readonly RehearsedPass[]): readonly PlacedLock[] {
  return passes.flatMap(({ direction, steps }) =>
    steps.flatMap(({ step, statements }) =>
      statements.flatMap((statement) =>
        statement.locks.map((lock) => ({ step, direction, place: placeText(statement), lock })),
      ),
    ),
  );
}

/** `sql/004.sql:5`, or the beginning of a statement that stands in no file. */
export function placeText({ file, line, text }: RehearsedStatement): string {
  return file === null ? text : `${file}:${line}`;
}

/**
 * Whoever waits for a row waits for its batch; who waits for a table waits with everybody else. What the plan itself has made is
 * not in use yet.
 */
function longestOf(
  direction: Direction,
  passes: readonly RehearsedPass[],
  fullSize: FullSize,
): LongestLock | null {
  const ofTables = locksIn(passes).filter(
    (placed) =>
      placed.direction === direction &&
      fullSize.knows(placed.lock.table) &&
      isStronger(placed.lock.keepsOut, 'writers of the same rows'),
  );
  const [longest] = ofTables.toSorted((a, b) => b.lock.fullHeldMs - a.lock.fullHeldMs);
  if (!longest) return null;
  const { step, place, lock } = longest;
  return { step, place, table: lock.table, keepsOut: lock.keepsOut, fullHeldMs: lock.fullHeldMs };
}
