import type { FlagLoss, FlagUse, FlagUseSpan, JournalEntry, RunState } from '@crossfade/engine';
import { isoTime } from './iso-time.ts';
import { killsOfOpenFlags } from './kills-of-open-flags.ts';
import type { Report } from './report-schema.ts';

type UseFigures = Report['use'];

/**
 * Which reports of applications belong to a run; undefined as long as it has published nothing.
 * @param entries of the whole journal: who was ever decided for by name says nothing of what the plan does to people.
 */
export function spanOfRun(
  run: Pick<RunState, 'runId' | 'startedAtMs'>,
  entries: readonly JournalEntry[],
  untilMs: number,
): FlagUseSpan | undefined {
  const revisions = entries.flatMap(({ runId, event }) =>
    runId === run.runId && event.type === 'flags.published' ? [event.revision] : [],
  );
  const [fromRevision] = revisions;
  const toRevision = revisions.at(-1);
  if (fromRevision === undefined || toRevision === undefined) return undefined;
  const overridden = entries.flatMap(({ event }) =>
    event.type === 'override.set' ? [{ flag: event.flag, targetingKey: event.targetingKey }] : [],
  );
  return { fromRevision, toRevision, fromMs: run.startedAtMs, toMs: untilMs, overridden };
}

/**
 * Who was shown what, as applications reported it, and how soon they went by what was published.
 * @param entries of the whole journal: what an earlier run took away, this one did not.
 */
export function useFigures(
  flags: readonly string[],
  runId: string,
  entries: readonly JournalEntry[],
  use: FlagUse,
  untilMs: number,
): UseFigures {
  const changes = changesOf(entries);
  const figures: UseFigures['flags'] = {};
  for (const flag of flags) figures[flag] = figuresOf(flag, use, changes);
  const ofRun = entries.filter((entry) => entry.runId === runId);
  const ofOpenFlags = killsOfOpenFlags(entries);
  return { until: isoTime(untilMs), flags: figures, switchedOff: switchedOff(ofRun, ofOpenFlags, use) };
}

function figuresOf(flag: string, use: FlagUse, changes: readonly Change[]): UseFigures['flags'][string] {
  const asked = peopleOf(use.seen, flag, null);
  const on = shown(use, flag, null, 'on');
  const turnedOff = use.turns.filter(
    (turn) => turn.flag === flag && turn.losses.some((loss) => !isExplained(flag, loss, changes)),
  );
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

/** Something that takes a flag from people, by the revision that did it. */
interface Change {
  readonly revision: number;
  /** Null: all flags of the run. */
  readonly flag: string | null;
}

/** A kill is published with itself, or it changed nothing; a roll-back is published by whoever carries it out. */
function changesOf(entries: readonly JournalEntry[]): readonly Change[] {
  const changes: Change[] = [];
  const takenBack = new Set<string>();
  for (const [index, { event, runId }] of entries.entries()) {
    if (event.type === 'flag.killed') {
      const revision = publishedWith(entries, index);
      if (revision !== undefined) changes.push({ revision, flag: event.flag });
    }
    if (event.type === 'rollback.requested' || event.type === 'rollback.started') takenBack.add(runId);
    if (event.type === 'flags.published' && takenBack.has(runId)) {
      changes.push({ revision: event.revision, flag: null });
    }
  }
  return changes;
}

/** The revision that was published in one append with this entry: all of an append have one author and one moment. */
function publishedWith(entries: readonly JournalEntry[], index: number): number | undefined {
  const { atMs, actor } = entries[index] ?? {};
  for (const entry of entries.slice(index + 1)) {
    if (entry.atMs !== atMs || entry.actor !== actor) return undefined;
    if (entry.event.type === 'flags.published') return entry.event.revision;
  }
  return undefined;
}

/** Whether somebody has switched the flag off, or the run was taken back, between having it and not having it any more. */
function isExplained(
  flag: string,
  { onRevision, offRevision }: FlagLoss,
  changes: readonly Change[],
): boolean {
  return changes.some(
    (change) =>
      (change.flag === null || change.flag === flag) &&
      change.revision > onRevision &&
      change.revision <= offRevision,
  );
}

/** Each time the kill switch was used: how long until every process went by it, and who was answered "on" by flags that say otherwise. */
function switchedOff(
  entries: readonly JournalEntry[],
  ofOpenFlags: ReadonlySet<JournalEntry>,
  use: FlagUse,
): UseFigures['switchedOff'] {
  return entries.flatMap((entry, index): UseFigures['switchedOff'] => {
    const { event, atMs } = entry;
    if (event.type !== 'flag.killed') return [];
    const { flag, reason } = event;
    const revision = publishedWith(entries, index);
    const told = { flag, at: isoTime(atMs), reason };
    if (revision === undefined || !ofOpenFlags.has(entry))
      return [{ ...told, wasOn: false, processes: 0, offEverywhereAfterMs: null, shownAfterwards: 0 }];
    const until = releasedBy(entries, index, flag);
    const lags = processesAt(use, revision, atMs).map((process) => lagOf(use, process, revision, atMs));
    const late = use.exposures.filter(
      (each) =>
        each.flag === flag &&
        each.segment === null &&
        each.variant === 'on' &&
        each.lastRevision >= revision &&
        each.lastRevision < until,
    );
    return [
      {
        ...told,
        wasOn: true,
        processes: lags.length,
        offEverywhereAfterMs: lags.includes(null) || lags.length === 0 ? null : Math.max(...lags.map(Number)),
        shownAfterwards: late.reduce((sum, { people }) => sum + people, 0),
      },
    ];
  });
}

/** The revision since which the flag may be on again. */
function releasedBy(entries: readonly JournalEntry[], killed: number, flag: string): number {
  const enabled = entries.findIndex(
    ({ event }, index) => index > killed && event.type === 'flag.enabled' && event.flag === flag,
  );
  if (enabled === -1) return Number.POSITIVE_INFINITY;
  const next = entries.slice(enabled).find(({ event }) => event.type === 'flags.published')?.event;
  return next?.type === 'flags.published' ? next.revision : Number.POSITIVE_INFINITY;
}

/**
 * Of those that were there at that moment: the ones that went by the revision or a later one, and the ones that have told
 * something since and did not. One that began later has begun with it.
 */
function processesAt({ receipts, processes }: FlagUse, revision: number, atMs: number): readonly string[] {
  const present = new Set([
    ...receipts.filter((receipt) => receipt.atMs <= atMs).map(({ process }) => process),
    ...processes.filter(({ firstAtMs }) => firstAtMs <= atMs).map(({ process }) => process),
  ]);
  const went = new Set(
    receipts.filter((receipt) => receipt.revision >= revision).map(({ process }) => process),
  );
  const told = new Set(
    processes.filter(({ lastAtMs }) => lastAtMs > atMs + quietMs).map(({ process }) => process),
  );
  return [...present].filter((process) => went.has(process) || told.has(process));
}

/** A batch that was on its way tells of before. */
const quietMs = 5_000;

/** Null for a process that has not said that it goes by this revision or a later one. */
function lagOf({ receipts }: FlagUse, process: string, revision: number, sinceMs: number): number | null {
  const first = receipts.find((receipt) => receipt.process === process && receipt.revision >= revision);
  return first === undefined ? null : Math.max(0, first.atMs - sinceMs);
}
