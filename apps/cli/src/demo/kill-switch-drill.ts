import { setTimeout as sleep } from 'node:timers/promises';
import { appendOperatorCommand } from '@crossfade/controller';
import {
  settingsInForce,
  type BoundPlan,
  type ControlStore,
  type JournalEntry,
  type JournalState,
} from '@crossfade/engine';
import { loadJournal, pinnedPlan } from '../control.ts';
import { isDatabaseAway } from '../database-away.ts';
import { newestKill } from '../flags/switch-flags.ts';

const reason = 'a drill: is it off everywhere at once?';
const actor = 'demonstration';
/** Long enough for people to meet it. */
const offMs = 2_500;
const lookEveryMs = 250;

/**
 * Uses the kill switch once in the middle of a run, when a flag is open to half of the people or more, and takes it back. The
 * report then says how long it took. A drill that an earlier demonstration did not end is ended. A database that is away is waited
 * for.
 */
export async function drillKillSwitch(store: ControlStore, signal: AbortSignal): Promise<void> {
  for (let isOver = false; !isOver && !signal.aborted;) {
    try {
      isOver = await look(store, signal);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
    }
    if (!isOver) await pause(lookEveryMs, signal);
  }
}

/** Returns whether the drill of this run is over. */
async function look(store: ControlStore, signal: AbortSignal): Promise<boolean> {
  const { journal, entries } = await loadJournal(store);
  const bound = await pinnedPlan(store, journal);
  if (!bound) return false;
  const drills = entries.flatMap(({ event, runId }) =>
    event.type === 'flag.killed' && event.reason === reason ? [{ flag: event.flag, runId }] : [],
  );
  const left = drills.find(({ flag }) => isOffByDrill(journal, entries, flag));
  if (left) await release(store, bound, left.flag);
  // What was drilled in a run that is over says nothing of the one that is about to begin.
  if (journal.run?.status !== 'running') return false;
  if (drills.some(({ runId }) => runId === journal.run?.runId)) return true;
  const flag = openToHalf(journal);
  if (flag === undefined) return false;
  if (!(await switchOff(store, bound, flag))) return false;
  await pause(offMs, signal);
  await release(store, bound, flag);
  return true;
}

/** What an operator has switched off before, or wants off as well since then, stays off. */
function isOffByDrill(journal: JournalState, entries: readonly JournalEntry[], flag: string): boolean {
  return journal.killedFlags.includes(flag) && newestKill(entries, flag)?.reason === reason;
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** Returns whether the drill did it: an operator may have been first. */
async function switchOff(store: ControlStore, { plan }: BoundPlan, flag: string): Promise<boolean> {
  const written = await appendOperatorCommand({ store, plan }, ({ run, killedFlags }) =>
    killedFlags.includes(flag)
      ? []
      : [{ runId: run?.runId ?? '', actor, event: { type: 'flag.killed', flag, reason } }],
  );
  return written.length > 0;
}

/** Asks in the append itself who has it off: an operator may say so at any moment. */
async function release(store: ControlStore, { plan }: BoundPlan, flag: string): Promise<void> {
  await appendOperatorCommand({ store, plan }, (journal, entries) =>
    isOffByDrill(journal, entries, flag)
      ? [
          {
            runId: journal.run?.runId ?? '',
            actor,
            event: { type: 'flag.enabled', flag, reason: 'the drill is over' },
          },
        ]
      : [],
  );
}

/** A flag that is on its way to everybody. */
function openToHalf({ run }: JournalState): string | undefined {
  if (!run) return undefined;
  const open = Object.entries(settingsInForce(run).exposures).find(([, { audiences }]) =>
    audiences.some(({ segment, percentage }) => segment === null && percentage >= 50 && percentage < 100),
  );
  return open?.[0];
}
