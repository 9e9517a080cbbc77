import { inTransaction } from '../target/in-transaction.ts';
import { bookBatch, lockAccount, type Account } from './backfill-ledger.ts';
import type { BackfillJob, ChangedRows } from './backfill-job.ts';

/** `end`: there is no row left before the upper end. */
export type BatchResult =
  | { readonly result: 'end'; readonly account: Account }
  | { readonly result: 'passed'; readonly account: Account; readonly rows: number };

/** Which rows were in the batch that failed. Nothing of it has happened. */
export class BatchFailure extends Error {
  override readonly name = 'BatchFailure';
  readonly keys: readonly string[];

  constructor(keys: readonly string[], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.keys = keys;
  }
}

/** After the first sweep few rows are left, and finding them means reading the table. */
const searchTimeoutMs = 600_000;

/** One transaction: account first, then the rows, then cursor and counts; all of it or nothing. */
export async function runBatch(job: BackfillJob, size: number, sweep: number): Promise<BatchResult> {
  const { connection, context, config } = job;
  const startedMs = context.clock.elapsedMs();
  const limits = {
    lockTimeoutMs: config.lock_timeout,
    statementTimeoutMs: sweep === 1 ? config.statement_timeout : searchTimeoutMs,
  };
  return await inTransaction(connection, limits, async () => {
    await job.prepare?.();
    const account = await lockAccount(job);
    const keys = await readKeys(job, account, size);
    const cursor = keys.at(-1);
    if (cursor === undefined) return { result: 'end', account };
    const { migrated, present } = await changed(job, keys);
    const counts = {
      migrated,
      skipped: present - migrated,
      quarantined: 0,
      vanished: keys.length - present,
    };
    const activeMs = context.clock.elapsedMs() - startedMs;
    return { result: 'passed', account: await bookBatch(job, cursor, counts, activeMs), rows: keys.length };
  });
}

async function readKeys(job: BackfillJob, account: Account, size: number): Promise<readonly string[]> {
  const { connection, context, table, key, keyType, todo } = job;
  const onlyMissed = `and ${todo} and not exists (
    select from crossfade_ledger.quarantine q where q.run_id = $4 and q.step_id = $5 and q.row_key = ${key}::text)`;
  const { rows } = await connection.query<{ key: string }>(
    `select ${key}::text as key from ${table}
      where ${account.cursor === null ? '$1::text is null' : `${key} > $1::${keyType}`} and ${key} <= $2::${keyType}
      ${account.sweep === 1 ? '' : onlyMissed}
      order by ${key} limit $3`,
    [account.cursor, account.upper, size, ...(account.sweep === 1 ? [] : [context.runId, context.stepId])],
  );
  return rows.map((row) => row.key);
}

async function changed(job: BackfillJob, keys: readonly string[]): Promise<ChangedRows> {
  try {
    return await job.changeRows(job, keys);
  } catch (error) {
    throw new BatchFailure(keys, error);
  }
}
