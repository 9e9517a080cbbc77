import { TerminalError } from '@crossfade/engine';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { describeLockHolders, findLockHolders, type LockNeed } from '../target/lock-holders.ts';
import { isContention, messageOf } from '../target/sql-state.ts';
import type { BackfillJob } from './backfill-job.ts';
import type { Counts } from './backfill-ledger.ts';
import type { BatchSize } from './batch-size.ts';
import { isFaultOfRow, isFaultOfStatement, quarantineRow } from './quarantine.ts';
import { BatchFailure, type BatchResult } from './run-batch.ts';
import { letGo, SliceLost, type Slice } from './slice-ledger.ts';

const mostContendedAttempts = 40;

/** Who says when a worker may do its next batch, and hears what has become of it. */
export interface Overseer {
  readonly mostRowsInBatch: number;
  /** So many rows were set aside that the step will fail whatever becomes of the rest. */
  readonly isHopeless: boolean;
  /** False: there is to be no next batch. `tookMs`: how long the worker was at its last one. */
  waitForTurn(signal: AbortSignal, tookMs: number): Promise<boolean>;
  passed(counts: Counts, tookMs: number): void;
  report(note: string): void;
}

/** Passes the rows of a slice, batch by batch, until there are no more, or it is somebody else's, or there is no use in it. */
export async function passSlice(
  job: BackfillJob,
  claimed: Slice,
  crew: Overseer,
  size: BatchSize,
): Promise<void> {
  let slice = claimed;
  let failures = 0;
  let tookMs = 0;
  try {
    while (!crew.isHopeless) {
      job.context.signal.throwIfAborted();
      if (!(await crew.waitForTurn(job.context.signal, tookMs))) break;
      const startedMs = job.context.clock.elapsedMs();
      try {
        const batch = await runUncontended(job, slice, size.rows, crew);
        if (batch.result === 'end') return;
        const { migrated, skipped, vanished } = batch.counts;
        const rows = migrated + skipped + vanished;
        tookMs = job.context.clock.elapsedMs() - startedMs;
        slice = batch.slice;
        size.passed(rows, tookMs);
        crew.passed(batch.counts, tookMs);
      } catch (error) {
        const { batch, cause } = toFailureOfRows(job, error);
        failures += 1;
        if (batch.rows > 1) {
          size.failed(batch.rows);
          continue;
        }
        slice = await quarantineRow(job, slice, { batch, cause, attempts: failures });
        crew.passed({ migrated: 0, skipped: 0, quarantined: 1, vanished: 0 }, 0);
        failures = 0;
      }
    }
    await letGo(job, slice);
  } catch (error) {
    if (!(error instanceof SliceLost)) throw error;
  }
}

/** A batch that met a lock or a deadlock is the same batch a moment later. */
async function runUncontended(
  job: BackfillJob,
  slice: Slice,
  size: number,
  crew: Overseer,
): Promise<BatchResult> {
  const { context } = job;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await job.runBatch(job, slice, size);
    } catch (error) {
      const cause = error instanceof BatchFailure ? error.cause : error;
      if (!isContention(cause)) throw error;
      const holders = await findLockHolders(eachInTransaction(job.connection), needOf(job));
      const note = `waits for a row that somebody changes; ${describeLockHolders(holders)}`;
      if (attempt >= mostContendedAttempts) throw heldUp(job, cause, note);
      crew.report(note);
    }
    const pauseMs = Math.min(2_000, 20 * 2 ** Math.min(attempt, 10));
    await context.clock.sleep(pauseMs * (0.5 + context.random.next()), context.signal);
  }
}

/** Who writes to the table is all that can be told: Postgres does not say who has locked which row. */
function needOf({ config }: BackfillJob): LockNeed {
  const [name = '', schema = null] = config.table.split('.').toReversed();
  const locks = [{ keepsOut: 'writers', relations: [{ schema, name }], drops: false }] as const;
  return { locks, lockTimeoutMs: config.lock_timeout, concurrently: false };
}

function heldUp({ context, config }: BackfillJob, cause: unknown, note: string): Error {
  const what = `${mostContendedAttempts} attempts of ${config.lock_timeout} ms`;
  return new Error(`step ${context.stepId}: ${config.table}: ${note} (${what}: ${messageOf(cause)})`, {
    cause,
  });
}

/** Only what is wrong with rows is dealt with here; everything else ends the work, for now or for good. */
function toFailureOfRows(job: BackfillJob, error: unknown): BatchFailure {
  job.context.signal.throwIfAborted();
  const cause = error instanceof BatchFailure ? error.cause : error;
  if (isFaultOfStatement(cause)) {
    throw new TerminalError(`step ${job.context.stepId}: ${job.config.table}: ${messageOf(cause)}`, {
      cause,
    });
  }
  if (error instanceof BatchFailure && isFaultOfRow(cause)) return error;
  throw cause;
}
