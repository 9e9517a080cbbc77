import { eachInTransaction } from '../target/each-in-transaction.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { fenced } from '../target/ledger.ts';
import { theRow } from '../sql/the-row.ts';
import type { BackfillJob, Way } from './backfill-job.ts';
import { addSlices, forgetSlices, releaseSlices } from './slice-ledger.ts';
import { cutSlices, wholeTable } from './cut-slices.ts';

/** A backfill's account: migrated + skipped + quarantined + vanished = passed, at every commit. */
export interface Account {
  readonly sweep: number;
  readonly passed: number;
  readonly migrated: number;
  readonly skipped: number;
  readonly quarantined: number;
  readonly vanished: number;
  readonly batches: number;
  /** At work, pauses left out; of all workers together. */
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

const limits = { lockTimeoutMs: 10_000, statementTimeoutMs: 60_000 };

interface Head {
  readonly sweep: number;
  readonly cursor: string | null;
  readonly upper: string | null;
  readonly order: string;
  readonly slices: number;
}

/**
 * Opens the account and cuts the table into slices, or takes it over from an earlier leader: what was held under that one is
 * free again. The upper end is frozen here: later rows are dual-written.
 */
export async function openAccount(job: BackfillJob): Promise<Account> {
  const { connection, context, way } = job;
  await inTransaction(connection, limits, async () => {
    await job.prepare?.(job.connection);
    if (way === 'fill') await forgetUndone(job);
    else await endFilling(job);
    const { rows } = await connection.query<Head>(
      `insert into crossfade_ledger.backfills as b (run_id, step_id, direction, token, row_order)
       values ($1, $2, $3, $4, $5)
       on conflict (run_id, step_id, direction) do update
         set token = excluded.token, row_order = coalesce(b.row_order, excluded.row_order) where b.token <= excluded.token
       returning sweep, cursor, upper, row_order as "order", (select count(*) from crossfade_ledger.slices s
         where s.run_id = $1 and s.step_id = $2 and s.direction = $3)::float8 as slices`,
      [context.runId, context.stepId, way, context.token, job.order.kind],
    );
    const [head] = rows;
    if (!head) throw fenced(context);
    // Somebody else has begun it since we looked: the next attempt goes by their order.
    if (head.order !== job.order.kind)
      throw new Error(`the backfill is passed by ${head.order}, and not by ${job.order.kind}`);
    if (head.slices > 0) return await releaseSlices(job);
    // What an earlier Crossfade has begun, without slices, is gone on with as one.
    const begun = head.cursor !== null;
    await addSlices(
      job,
      head.sweep,
      begun ? [{ lower: head.cursor, upper: head.upper }] : await cutSlices(job),
    );
  });
  return await theAccount(job);
}

/** A step that was taken back and is done again in the same run starts from nothing. */
async function forgetUndone(job: BackfillJob): Promise<void> {
  const { connection, context } = job;
  const step = [context.runId, context.stepId];
  const undone = await connection.query(
    `delete from crossfade_ledger.backfills where run_id = $1 and step_id = $2 and direction = 'unfill' and token <= $3`,
    [...step, context.token],
  );
  if (undone.rowCount === 0) return;
  await forgetSlices(job, 'unfill');
  await forgetSlices(job, 'fill');
  await connection.query('delete from crossfade_ledger.backfills where run_id = $1 and step_id = $2', step);
  await connection.query('delete from crossfade_ledger.quarantine where run_id = $1 and step_id = $2', step);
}

/** Whoever still fills, wherever, finds at its next commit that it does not hold its slice any more. */
async function endFilling(job: BackfillJob): Promise<void> {
  const { connection, context } = job;
  const step = [context.runId, context.stepId, context.token];
  await connection.query(
    `update crossfade_ledger.backfills set token = $3, finished_at = coalesce(finished_at, clock_timestamp())
      where run_id = $1 and step_id = $2 and direction = 'fill' and token <= $3`,
    step,
  );
  await connection.query(
    `update crossfade_ledger.slices set holder = null, attempt = attempt + 1
      where run_id = $1 and step_id = $2 and direction = 'fill' and token <= $3 and holder is not null`,
    step,
  );
}

/** Taking back what could not be taken back whole is tried anew, once somebody has mended the rows. */
export async function forgetFailedUndo(job: BackfillJob): Promise<void> {
  const { connection, context } = job;
  await inTransaction(connection, limits, async () => {
    const failed = await connection.query(
      `delete from crossfade_ledger.backfills b
        where run_id = $1 and step_id = $2 and direction = 'unfill' and token <= $3 and finished_at is not null
          and quarantined + coalesce((select sum(quarantined) from crossfade_ledger.slices s
            where s.run_id = $1 and s.step_id = $2 and s.direction = 'unfill'), 0) > 0`,
      [context.runId, context.stepId, context.token],
    );
    if (failed.rowCount > 0) await forgetSlices(job, 'unfill');
  });
}

/**
 * Locks the account for the rest of the transaction.
 * @throws TerminalError when another controller has taken it over.
 */
async function lockAccount({ connection, context, way }: BackfillJob): Promise<void> {
  const { rowCount } = await connection.query(
    `update crossfade_ledger.backfills set updated_at = clock_timestamp()
      where run_id = $1 and step_id = $2 and direction = $3 and token = $4`,
    [context.runId, context.stepId, way, context.token],
  );
  if (rowCount === 0) throw fenced(context);
}

/** Begins again at the first row, with the upper end where it is now. */
export async function startNextSweep(job: BackfillJob): Promise<Account> {
  const { connection, context, way } = job;
  await inTransaction(connection, limits, async () => {
    await lockAccount(job);
    const { rows } = await connection.query<{ sweep: number }>(
      `update crossfade_ledger.backfills set sweep = sweep + 1 where run_id = $1 and step_id = $2 and direction = $3
       returning sweep`,
      [context.runId, context.stepId, way],
    );
    await addSlices(job, theRow(rows).sweep, [await wholeTable(job)]);
  });
  return await theAccount(job);
}

export async function closeAccount(job: BackfillJob): Promise<Account> {
  const { connection, context, way } = job;
  await inTransaction(connection, limits, async () => {
    await lockAccount(job);
    await connection.query(
      `update crossfade_ledger.backfills set finished_at = coalesce(finished_at, clock_timestamp())
        where run_id = $1 and step_id = $2 and direction = $3`,
      [context.runId, context.stepId, way],
    );
  });
  return await theAccount(job);
}

/** @throws TerminalError when another controller has taken it over. */
export async function theAccount(job: BackfillJob): Promise<Account> {
  const account = await readAccount(job, job.way);
  if (!account || account.token > job.context.token) throw fenced(job.context);
  return account;
}

export async function readAccount(
  { connection, context }: Pick<BackfillJob, 'connection' | 'context'>,
  way: Way,
): Promise<(Account & { readonly token: number }) | undefined> {
  const { rows } = await eachInTransaction(connection).query<Account & { readonly token: number }>(
    `select b.sweep, b.token::float8 as token, ${sums},
            extract(epoch from coalesce(b.finished_at, clock_timestamp()) - b.started_at)::float8 * 1000 as "elapsedMs",
            b.finished_at is not null as finished
       from crossfade_ledger.backfills b
       left join crossfade_ledger.slices s using (run_id, step_id, direction)
      where run_id = $1 and step_id = $2 and direction = $3 group by b.run_id, b.step_id, b.direction`,
    [context.runId, context.stepId, way],
  );
  return rows[0];
}

/** Counts in the account itself are of an earlier Crossfade, which had no slices. */
const sums = Object.entries({
  passed: 'passed',
  migrated: 'migrated',
  skipped: 'skipped',
  quarantined: 'quarantined',
  vanished: 'vanished',
  batches: 'batches',
  active_ms: 'activeMs',
})
  .map(([column, name]) => `(b.${column} + coalesce(sum(s.${column}), 0))::float8 as "${name}"`)
  .join(', ');
