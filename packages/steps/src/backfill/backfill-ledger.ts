import { eachInTransaction } from '../target/each-in-transaction.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { fenced } from '../target/ledger.ts';
import type { BackfillJob, Way } from './backfill-job.ts';

/** A backfill's account: migrated + skipped + quarantined + vanished = passed, at every commit. */
export interface Account {
  readonly cursor: string | null;
  readonly upper: string | null;
  readonly sweep: number;
  readonly passed: number;
  readonly migrated: number;
  readonly skipped: number;
  readonly quarantined: number;
  readonly vanished: number;
  readonly batches: number;
  /** At work, pauses left out. */
  readonly activeMs: number;
  /** From the first batch to the last, with all pauses and standstills; in database time. */
  readonly elapsedMs: number;
  readonly finished: boolean;
}

export interface Counts {
  readonly migrated: number;
  readonly skipped: number;
  readonly quarantined: number;
  readonly vanished: number;
}

const columns = `cursor, upper, sweep, passed::float8 as passed, migrated::float8 as migrated,
  skipped::float8 as skipped, quarantined::float8 as quarantined, vanished::float8 as vanished,
  batches::float8 as batches, active_ms::float8 as "activeMs",
  extract(epoch from coalesce(finished_at, clock_timestamp()) - started_at)::float8 * 1000 as "elapsedMs", finished_at is not null as finished`;
const limits = { lockTimeoutMs: 10_000, statementTimeoutMs: 60_000 };

/** Opens the account, or takes it over from an earlier leader. The upper end is frozen here: later rows are dual-written. */
export async function openAccount(job: BackfillJob): Promise<Account> {
  const { connection, context } = job;
  return await inTransaction(connection, limits, async () => {
    if (job.way === 'fill') await forgetUndone(job);
    const { rows } = await connection.query<Account>(
      `insert into crossfade_ledger.backfills as b (run_id, step_id, direction, token, upper)
       select $1, $2, $3, $4, ${greatestKey(job)}
       on conflict (run_id, step_id, direction) do update set token = excluded.token where b.token <= excluded.token
       returning ${columns}`,
      [context.runId, context.stepId, job.way, context.token],
    );
    if (!rows[0]) throw fenced(context);
    return rows[0];
  });
}

/** A step that was taken back and is done again in the same run starts from nothing. */
async function forgetUndone({ connection, context }: BackfillJob): Promise<void> {
  const step = [context.runId, context.stepId];
  const undone = await connection.query(
    `delete from crossfade_ledger.backfills where run_id = $1 and step_id = $2 and direction = 'unfill' and token <= $3`,
    [...step, context.token],
  );
  if (undone.rowCount === 0) return;
  await connection.query('delete from crossfade_ledger.backfills where run_id = $1 and step_id = $2', step);
  await connection.query('delete from crossfade_ledger.quarantine where run_id = $1 and step_id = $2', step);
}

/** Taking back what could not be taken back whole is tried anew, once somebody has mended the rows. */
export async function forgetFailedUndo({ connection, context }: BackfillJob): Promise<void> {
  await eachInTransaction(connection).query(
    `delete from crossfade_ledger.backfills
      where run_id = $1 and step_id = $2 and direction = 'unfill' and token <= $3
        and finished_at is not null and quarantined > 0`,
    [context.runId, context.stepId, context.token],
  );
}

function greatestKey({ table, key }: BackfillJob): string {
  return `(select ${key}::text from ${table} order by ${key} desc limit 1)`;
}

/**
 * Locks the account for the rest of the transaction.
 * @throws TerminalError when another controller has taken it over.
 */
export async function lockAccount({ connection, context, way }: BackfillJob): Promise<Account> {
  const { rows } = await connection.query<Account>(
    `update crossfade_ledger.backfills set updated_at = clock_timestamp()
      where run_id = $1 and step_id = $2 and direction = $3 and token = $4 returning ${columns}`,
    [context.runId, context.stepId, way, context.token],
  );
  if (!rows[0]) throw fenced(context);
  return rows[0];
}

/** Moves the cursor and counts the rows passed; in the transaction that changed them. */
export async function bookBatch(
  { connection, context, way }: BackfillJob,
  cursor: string,
  counts: Counts,
  activeMs: number,
): Promise<Account> {
  const { migrated, skipped, quarantined, vanished } = counts;
  const numbers = [migrated, skipped, quarantined, vanished, Math.round(activeMs)];
  const { rows } = await connection.query<Account>(
    `update crossfade_ledger.backfills
        set cursor = $4, migrated = migrated + $5, skipped = skipped + $6, quarantined = quarantined + $7,
            vanished = vanished + $8, passed = passed + $5 + $6 + $7 + $8, batches = batches + 1,
            active_ms = active_ms + $9, updated_at = clock_timestamp()
      where run_id = $1 and step_id = $2 and direction = $3 returning ${columns}`,
    [context.runId, context.stepId, way, cursor, ...numbers],
  );
  if (!rows[0]) throw fenced(context);
  return rows[0];
}

/** Begins again at the first row, with the upper end where it is now. */
export async function startNextSweep(job: BackfillJob): Promise<void> {
  const { connection, context, way } = job;
  await inTransaction(connection, limits, async () => {
    await lockAccount(job);
    await connection.query(
      `update crossfade_ledger.backfills set cursor = null, upper = ${greatestKey(job)}, sweep = sweep + 1
        where run_id = $1 and step_id = $2 and direction = $3`,
      [context.runId, context.stepId, way],
    );
  });
}

export async function closeAccount(job: BackfillJob): Promise<Account> {
  const { connection, context, way } = job;
  return await inTransaction(connection, limits, async () => {
    await lockAccount(job);
    const { rows } = await connection.query<Account>(
      `update crossfade_ledger.backfills set finished_at = coalesce(finished_at, clock_timestamp())
        where run_id = $1 and step_id = $2 and direction = $3 returning ${columns}`,
      [context.runId, context.stepId, way],
    );
    if (!rows[0]) throw fenced(context);
    return rows[0];
  });
}

export async function readAccount(
  { connection, context }: Pick<BackfillJob, 'connection' | 'context'>,
  way: Way,
): Promise<Account | undefined> {
  const { rows } = await eachInTransaction(connection).query<Account>(
    `select ${columns} from crossfade_ledger.backfills where run_id = $1 and step_id = $2 and direction = $3`,
    [context.runId, context.stepId, way],
  );
  return rows[0];
}
