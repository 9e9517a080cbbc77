import type { FlagUse, FlagUseSpan, JournalEntry, RunState } from '@crossfade/engine';
import { isoTime } from './iso-time.ts';
import type { Report } from './report-schema.ts';

type UseFigures = Report['use'];

/** Which reports of applications belong to a run; undefined as long as it has published nothing. */
export function spanOfRun(
  run: RunState,
  ofRun: readonly JournalEntry[],
  untilMs: number,
): FlagUseSpan | undefined {
  const revisions = ofRun.flatMap(({ event }) => (event.type === 'flags.published' ? [event.revision] : []));
  const [fromRevision] = revisions;
  const toRevision = revisions.at(-1);
  if (fromRevision === undefined || toRevision === undefined) return undefined;
  return { fromRevision, toRevision, fromMs: run.startedAtMs, toMs: untilMs };
}

/** Who was shown what, as applications reported it, and how soon they went by what was published. */
export function useFigures(
  flags: readonly string[],
  ofRun: readonly JournalEntry[],
  use: FlagUse,
  untilMs: number,
): UseFigures {
  const changes = changesOf(ofRun);
  const figures: UseFigures['flags'] = {};
  for (const flag of flags) figures[flag] = figuresOf(flag, use, changes);
  return { until: isoTime(untilMs), flags: figures, switchedOff: switchedOff(ofRun, use) };
}

function figuresOf(flag: string, use: FlagUse, changes: readonly Change[]): UseFigures['flags'][string] {
  const asked = peopleOf(use.seen, flag, null);
  const on = shown(use, flag, null, 'on');
  const turnedOff = use.turns.filter((turn) => turn.flag === flag && !isExplained(turn, changes));
  const segments = new Set(use.seen.flatMap(({ segment }) => segment ?? []));
  return {
    asked,
    on,
    heldBack: shown(use, flag, null, 'control'),
    adoption: asked > 0 ? on / asked : null,
    usedBy: use.uses.find(({ event }) => event === flag)?.people ?? null,
    turnedOff: turnedOff.reduce((sum, { people }) => sum + people, 0),
    bySegment: Object.fromEntries(
      [...segments]
        .toSorted()
        .map((segment) => [
          segment,
          { asked: peopleOf(use.seen, flag, segment), on: shown(use, flag, segment, 'on') },
        ]),
    ),
  };
}

function peopleOf(seen: FlagUse['seen'], flag: string, segment: string | null): number {
  return seen.find((each) => each.flag === flag && each.segment === segment)?.people ?? 0;
}

function shown({ exposures }: FlagUse, flag: string, segment: string | null, variant: string): number {
  return exposures
    .filter((each) => each.flag === flag && each.segment === segment && each.variant === variant)
    .reduce((sum, { people }) => sum + people, 0);
}

/** Something that may take a flag from somebody, or give it back, by the revision that did it. */
interface Change {
  readonly revision: number;
  /** Null: all flags of the run. */
  readonly flag: string | null;
}

function changesOf(entries: readonly JournalEntry[]): readonly Change[] {
  const changes: Change[] = [];
  let waiting: (string | null)[] = [];
  for (const { event } of entries) {
    if (event.type === 'flag.killed' || event.type === 'override.set' || event.type === 'override.cleared')
      waiting.push(event.flag);
    if (event.type === 'rollback.requested' || event.type === 'rollback.started') waiting.push(null);
    if (event.type !== 'flags.published') continue;
    // In one append with what it comes from.
    changes.push(...waiting.map((flag) => ({ revision: event.revision, flag })));
    waiting = [];
  }
  return changes;
}

/** Whether somebody has switched the flag off, or the run was taken back, between having it and not having it any more. */
function isExplained(
  { flag, onRevision, offRevision }: FlagUse['turns'][number],
  changes: readonly Change[],
): boolean {
  return changes.some(
    (change) =>
      (change.flag === null || change.flag === flag) &&
      change.revision > onRevision &&
      change.revision <= offRevision,
  );
}

/** Each time the kill switch was used: how long until every process went by it, and who was shown the flag all the same. */
function switchedOff(entries: readonly JournalEntry[], use: FlagUse): UseFigures['switchedOff'] {
  return entries.flatMap(({ event, atMs }, index) => {
    if (event.type !== 'flag.killed') return [];
    const { flag, reason } = event;
    const rest = entries.slice(index + 1);
    const revision = nextRevision(rest);
    if (revision === undefined) return [];
    const enabled = rest.findIndex(
      (entry) => entry.event.type === 'flag.enabled' && entry.event.flag === flag,
    );
    const until = enabled === -1 ? undefined : nextRevision(rest.slice(enabled));
    const lags = processesAt(use, revision, atMs).map((process) => lagOf(use, process, revision, atMs));
    const late = use.exposures.filter(
      (each) =>
        each.flag === flag &&
        each.segment === null &&
        each.variant === 'on' &&
        each.lastRevision >= revision &&
        each.lastRevision < (until ?? Number.POSITIVE_INFINITY),
    );
    return [
      {
        flag,
        at: isoTime(atMs),
        reason,
        processes: lags.length,
        offEverywhereAfterMs: lags.includes(null) || lags.length === 0 ? null : Math.max(...lags.map(Number)),
        shownAfterwards: late.reduce((sum, { people }) => sum + people, 0),
      },
    ];
  });
}

/** Those that went by the revision or a later one, and those that have told something since and did not. */
function processesAt({ receipts, processes }: FlagUse, revision: number, atMs: number): readonly string[] {
  const went = receipts.filter((receipt) => receipt.revision >= revision).map(({ process }) => process);
  const told = processes.filter(({ lastAtMs }) => lastAtMs > atMs + quietMs).map(({ process }) => process);
  return [...new Set([...went, ...told])];
}

/** A batch that was on its way tells of before. */
const quietMs = 5_000;

function nextRevision(entries: readonly JournalEntry[]): number | undefined {
  for (const { event } of entries) if (event.type === 'flags.published') return event.revision;
  return undefined;
}

/** Null for a process that has not said that it goes by this revision or a later one. */
function lagOf({ receipts }: FlagUse, process: string, revision: number, sinceMs: number): number | null {
  const first = receipts.find((receipt) => receipt.process === process && receipt.revision >= revision);
  return first === undefined ? null : Math.max(0, first.atMs - sinceMs);
}
