import { setTimeout as sleep } from 'node:timers/promises';
import type { TargetConnection } from '@crossfade/engine';
import { messageOf } from '../../target/sql-state.ts';
import { withTarget } from '../../target/with-target.ts';
import type { BackfillJob } from '../backfill-job.ts';
import { readAccount, type Account } from '../backfill-ledger.ts';
import { tellOfEnd, tellOfLead, type Lead, type Pace } from './lead-ledger.ts';

const beatMs = 1_000;
const longestRestMs = 10_000;
const farewellLimitMs = 2_000;

interface Leading {
  /** Each second: how fast workers may be from now on. */
  readonly onBeat: (connection: TargetConnection) => Promise<Pace>;
  /** Nobody looks for a while: how fast workers may be until somebody does again. */
  readonly onLost: () => Pace;
  /** While so many others help: what all have done together. */
  readonly onHelp: (helpers: number, account: Account) => void;
}

/** Lets workers of other processes know of this leader for as long as the work goes on, and that it ends. */
export async function leading<T>(
  job: BackfillJob,
  { onBeat, onLost, onHelp }: Leading,
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
  const beat = async (connection: TargetConnection): Promise<void> => {
    pace = await onBeat(connection);
    const before = helpers;
    helpers = await tellOfLead(connection, lead());
    const account = helpers + before > 0 ? await readAccount({ connection, context }, way) : undefined;
    if (account) onHelp(helpers, account);
  };
  const beating = async (): Promise<void> => {
    for (let failures = 0; !over.signal.aborted && !signal.aborted; failures += 1) {
      try {
        await withTarget({ ...context, signal }, async (connection) => {
          isConnected = true;
          while (!over.signal.aborted) {
            await beat(connection);
            failures = 0;
            await pause(beatMs, AbortSignal.any([over.signal, signal]));
          }
        });
      } catch (error) {
        isConnected = false;
        if (signal.aborted) return;
        // The work goes on, in the dark and with fewer workers, until there is a connection again.
        pace = onLost();
        const note = `workers of other processes cannot be told of this one: ${messageOf(error)}`;
        context.report({ done: 0, total: null, unit: 'workers', note });
        const restMs = Math.min(longestRestMs, beatMs * 2 ** failures);
        await pause(restMs, AbortSignal.any([over.signal, signal]));
      }
    }
  };
  const quietly = beating();
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

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  // Told that it is over, it has waited long enough.
  await sleep(durationMs, undefined, { signal }).catch(() => undefined);
}

/** They would notice by themselves, a few seconds later. */
async function sayFarewell({ context }: BackfillJob, lead: Lead): Promise<void> {
  const limited = { ...context, signal: AbortSignal.timeout(farewellLimitMs) };
  await withTarget(limited, async (connection) => await tellOfEnd(connection, lead)).catch(() => undefined);
}
