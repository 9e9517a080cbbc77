import { TerminalError } from '@crossfade/engine';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { describeLockHolders, findLockHolders, type LockNeed } from '../target/lock-holders.ts';
import { isContention, messageOf } from '../target/sql-state.ts';
import type { BackfillJob } from './backfill-job.ts';
import type { Account } from './backfill-ledger.ts';
import { batchSizeFor, formatRate, Pacer, rowsPerSecondLimit } from './pace.ts';
import { isFaultOfRow, isFaultOfStatement, quarantineRow } from './quarantine.ts';
import { BatchFailure, runBatch, type BatchResult } from './run-batch.ts';

/** A table in which every row is bad is not bisected to its end: so many beyond what is tolerated show what is wrong. */
const sampleOfBadRows = 100;
const mostContendedAttempts = 40;

/** Passes all rows between cursor and upper end, batch by batch. */
export async function sweepTable(job: BackfillJob, opened: Account): Promise<Account> {
  const { context, config } = job;
  const limit = rowsPerSecondLimit(config.pace, context.speed);
  const pacer = new Pacer(context, limit);
  const fullSize = batchSizeFor(config, limit);
  let size = fullSize;
  let failures = 0;
  let account = opened;
  for (;;) {
    context.signal.throwIfAborted();
    await pacer.waitForTurn();
    try {
      const batch = await runUncontended(job, size, account);
      account = batch.account;
      if (batch.result === 'end') return account;
      pacer.spent(batch.rows);
      size = Math.min(fullSize, size * 2);
    } catch (error) {
      const failure = toFailureOfRows(job, error);
      failures += 1;
      if (failure.keys.length > 1) {
        // Some row of these is bad: halving finds it in a few steps, and the good ones on the way are done.
        size = Math.ceil(failure.keys.length / 2);
        continue;
      }
      account = await quarantineRow(job, failure, failures);
      failures = 0;
      if (account.quarantined > config.tolerate + sampleOfBadRows) return account;
    }
    report(job, account);
  }
}

/** A batch that met a lock or a deadlock is the same batch a moment later. */
async function runUncontended(job: BackfillJob, size: number, account: Account): Promise<BatchResult> {
  const { context } = job;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runBatch(job, size, account.sweep);
    } catch (error) {
      const cause = error instanceof BatchFailure ? error.cause : error;
      if (!isContention(cause)) throw error;
      const holders = await findLockHolders(eachInTransaction(job.connection), needOf(job));
      const note = `waits for a row that somebody changes; ${describeLockHolders(holders)}`;
      if (attempt >= mostContendedAttempts) throw heldUp(job, cause, note);
      report(job, account, note);
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

function report({ context, config, estimatedRows }: BackfillJob, account: Account, note?: string): void {
  const { passed, skipped, quarantined, vanished, activeMs } = account;
  const rate = activeMs > 0 ? Math.round((passed / activeMs) * 1_000) : 0;
  const limit = rowsPerSecondLimit(config.pace, context.speed);
  const paced = limit === null ? '' : ` at work, at most ${formatRate(limit)} by the plan's pace`;
  const asides = [`${skipped} skipped`, `${quarantined} set aside`, `${vanished} gone`].filter(
    (text) => !text.startsWith('0 '),
  );
  context.report({
    done: passed,
    total: estimatedRows === null ? null : Math.max(passed, Math.round(estimatedRows)),
    unit: 'rows',
    note: note ?? [`${rate} rows/s${paced}`, ...asides].join(', '),
  });
}
