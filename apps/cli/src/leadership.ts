import type { ControlStore, JournalEntry, RunState } from '@crossfade/engine';
import { isToBeTakenBack } from './to-be-taken-back.ts';

/** Who carries the newest run out now. */
export interface Leader {
  /** Machine, process and a number of its own. */
  readonly holder: string;
  /** Database time; null when it has the lease and has not journalled yet that it took the run up. */
  readonly sinceMs: number | null;
  /** Unless it is renewed, which a controller that lives does all the time. */
  readonly leaseExpiresInMs: number;
}

/** Null: nobody does. Plan time goes on all the same. */
export async function readLeader(
  store: ControlStore,
  entries: readonly JournalEntry[],
): Promise<Leader | null> {
  const lease = await store.readLease();
  if (!lease) return null;
  const taken = entries.findLast(
    ({ event }) => event.type === 'controller.started' && event.token === lease.token,
  );
  return { holder: lease.holder, sinceMs: taken?.atMs ?? null, leaseExpiresInMs: lease.expiresInMs };
}

/** Whether there is something to do in it that only a controller does. */
export function needsLeader(run: RunState): boolean {
  return run.status === 'running' || run.status === 'rolling_back' || isToBeTakenBack(run);
}

/** What to do about a run that nobody carries out. */
export function nobodyLeads(run: RunState): string {
  if (run.status !== 'running' || run.rollback)
    return 'Nobody is taking this run back now. Go on: crossfade rollback';
  return `Nobody carries this run out; plan time goes on. Start: crossfade run PLAN (the folder of ${run.start.plan})`;
}
