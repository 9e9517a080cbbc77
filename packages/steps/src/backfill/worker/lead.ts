import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetConnection } from '@crossfade/engine';
import { messageOf } from '../../target/sql-state.ts';
import { withTarget } from '../../target/with-target.ts';
import type { BackfillJob } from '../backfill-job.ts';
import { readAccount, type Account } from '../backfill-ledger.ts';
import { tellOfEnd, tellOfLead, type Lead, type Pace } from './lead-ledger.ts';

const beatMs = 1_000;
const farewellLimitMs = 2_000;

interface Leading {
  /** Each second: how fast workers may be from now on. */
  readonly onBeat: (connection: TargetConnection) => Promise<Pace>;
  /** While so many others help: what all have done together. */
  readonly onHelp: (helpers: number, account: Account) => void;
}

/** Lets workers of other processes know of this leader for as long as the work goes on, and that it ends. */
export async function leading<T>(
  job: BackfillJob,
  { onBeat, onHelp }: Leading,
  work: () => Promise<T>,
): Promise<T> {
  const { context, way } = job;
  let pace: Pace = { duty: 1, pausedBecause: null };
  const lead = (): Lead => ({
    runId: context.runId,
    stepId: context.stepId,
    token: context.token,
    way,
    ...pace,
  });
  const over = new AbortController();
  const connecting = new AbortController();
  let isConnected = false;
  let helpers = 0;
  const signal = AbortSignal.any([context.signal, connecting.signal]);
  const beating = withTarget({ ...context, signal }, async (connection) => {
    isConnected = true;
    while (!over.signal.aborted) {
      pace = await onBeat(connection);
      const before = helpers;
      helpers = await tellOfLead(connection, lead());
      const account = helpers + before > 0 ? await readAccount({ connection, context }, way) : undefined;
      if (account) onHelp(helpers, account);
      await pause(AbortSignal.any([over.signal, signal]));
    }
  });
  const quietly = beating.catch((error: unknown) => {
    if (signal.aborted) return;
    // The work goes on, with fewer workers.
    const note = `workers of other processes cannot be told of this one: ${messageOf(error)}`;
    context.report({ done: 0, total: null, unit: 'workers', note });
  });
  let isDone = false;
  try {
    const result = await work();
    isDone = true;
    return result;
  } finally {
    over.abort();
    // What is under way ends by itself, within its limits; a connection that there is no room for would be waited for.
    if (!isConnected) connecting.abort();
    await quietly;
    if (isDone) await tellOfEnd(job.connection, lead());
    else if (helpers > 0) await sayFarewell(job, lead());
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  // Told that it is over, it has waited long enough.
  await sleep(beatMs, undefined, { signal }).catch(() => undefined);
}

/** They would notice by themselves, a few seconds later. */
async function sayFarewell({ context }: BackfillJob, lead: Lead): Promise<void> {
  const limited = { ...context, signal: AbortSignal.timeout(farewellLimitMs) };
  await withTarget(limited, async (connection) => await tellOfEnd(connection, lead)).catch(() => undefined);
}
