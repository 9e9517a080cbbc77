import { eachInTransaction } from '../target/each-in-transaction.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { messageOf, sqlStateOf, sqlStates } from '../target/sql-state.ts';
import type { BackfillJob } from './backfill-job.ts';
import { RowNotDone } from './fill-rows.ts';
import { limitsOf, type Batch } from './run-batch.ts';
import { bookBatch, lockSlice, type Slice } from './slice-ledger.ts';
import { TransformFault } from './transform/transform-process.ts';

/**
 * Classes of SQLSTATE that speak of the values in a row: cardinality, data, constraints, functions and triggers, views' checks,
 * limits such as the size of an index entry, errors raised by a trigger, damaged pages. All others speak of the statement or
 * of the server, and setting a row aside for them would set aside all.
 */
const rowClasses = new Set(['21', '22', '23', '2F', '38', '39', '44', '54', 'P0', 'XX']);
export const longestReason = 500;

export function isFaultOfRow(error: unknown): boolean {
  if (error instanceof RowNotDone || error instanceof TransformFault) return true;
  const state = sqlStateOf(error);
  // A batch that ran out of time may pass in halves; a single row that does so is what is wrong.
  if (state === sqlStates.queryCanceled) return true;
  return state !== undefined && rowClasses.has(state.slice(0, 2));
}

/** Wrong expression, missing column, missing right: no row and no time will mend it. */
export function isFaultOfStatement(error: unknown): boolean {
  return /^(42|28|0A|3F)/.test(sqlStateOf(error) ?? '');
}

interface BadRow {
  readonly batch: Batch;
  readonly cause: unknown;
  readonly attempts: number;
}

/** Sets the one row of a batch aside with its reason and goes on behind it. */
export async function quarantineRow(
  job: BackfillJob,
  slice: Slice,
  { batch, cause, attempts }: BadRow,
): Promise<Slice> {
  const { connection, context } = job;
  const reason = messageOf(cause).slice(0, longestReason);
  return await inTransaction(connection, limitsOf(job, slice), async () => {
    await lockSlice(job, slice);
    await connection.query(
      `insert into crossfade_ledger.quarantine (run_id, step_id, row_key, reason, sqlstate, attempts)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (run_id, step_id, row_key) do update
         set reason = excluded.reason, sqlstate = excluded.sqlstate, attempts = excluded.attempts, at = clock_timestamp()`,
      [context.runId, context.stepId, batch.lastKey, reason, sqlStateOf(cause) ?? null, attempts],
    );
    return await bookBatch(job, slice, batch.lastPosition, setAside, 0);
  });
}

const setAside = { migrated: 0, skipped: 0, quarantined: 1, vanished: 0 };

/** "KEY: reason", of the first row set aside this way; null when there is none. */
export async function firstQuarantined({ connection, context, way }: BackfillJob): Promise<string | null> {
  const { rows } = await eachInTransaction(connection).query<{ text: string }>(
    `select row_key || ': ' || reason as text
       from crossfade_ledger.quarantine join crossfade_ledger.backfills b using (run_id, step_id)
      where run_id = $1 and step_id = $2 and b.direction = $3 and at >= b.started_at order by at limit 1`,
    [context.runId, context.stepId, way],
  );
  return rows[0]?.text ?? null;
}
