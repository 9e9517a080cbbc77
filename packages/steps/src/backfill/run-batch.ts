import { inTransaction } from '../target/in-transaction.ts';
import type { Counts } from './backfill-ledger.ts';
import type { BackfillJob } from './backfill-job.ts';
import { bookBatch, finishSlice, lockSlice, type Slice } from './slice-ledger.ts';

/** `end`: there was no row left in the slice, which is finished. */
export type BatchResult =
  | { readonly result: 'end' }
  | { readonly result: 'passed'; readonly slice: Slice; readonly counts: Counts };

/** Does the next rows of a slice, at most so many, and moves its cursor behind them; all of it or nothing. */
export type BatchRunner = (job: BackfillJob, slice: Slice, size: number) => Promise<BatchResult>;

/** Rows next to each other in the job's order, up to and with the last. */
export interface Batch {
  readonly rows: number;
  readonly lastPosition: string;
  readonly lastKey: string;
}

/** Which rows were in the batch that failed. Nothing of it has happened. */
export class BatchFailure extends Error {
  override readonly name = 'BatchFailure';
  readonly batch: Batch;

  constructor(batch: Batch, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.batch = batch;
  }
}

/** What has become of the rows of a batch. The rest was done already. */
export type Passed = Omit<Counts, 'quarantined'>;

/** After the first sweep few rows are left, and finding them means reading the table. */
const searchTimeoutMs = 600_000;

export const limitsOf = ({ config }: BackfillJob, { sweep }: Slice) => ({
  lockTimeoutMs: config.lock_timeout,
  statementTimeoutMs: sweep === 1 ? config.statement_timeout : searchTimeoutMs,
});

interface BatchOptions {
  /** How long its transaction may stand still, where something is waited for in it. */
  readonly idleLimitMs?: number;
  /** When work at it began, where that was before its transaction. */
  readonly startedMs?: number;
}

/** One transaction: the slice first, then the rows, then cursor and counts. */
export async function passBatch(
  job: BackfillJob,
  slice: Slice,
  find: () => Promise<Batch | undefined>,
  change: (batch: Batch) => Promise<Passed>,
  { idleLimitMs, startedMs = job.context.clock.elapsedMs() }: BatchOptions = {},
): Promise<BatchResult> {
  const limits = { ...limitsOf(job, slice), ...(idleLimitMs !== undefined && { idleLimitMs }) };
  return await inTransaction(job.connection, limits, async () => {
    await prepare(job);
    await lockSlice(job, slice);
    const batch = await find();
    if (!batch) {
      await finishSlice(job, slice);
      return { result: 'end' };
    }
    const counts = { ...(await changed(job, batch, change)), quarantined: 0 };
    const activeMs = job.context.clock.elapsedMs() - startedMs;
    return {
      result: 'passed',
      slice: await bookBatch(job, slice, batch.lastPosition, counts, activeMs),
      counts,
    };
  });
}

async function changed(
  { connection, hasDeferred }: BackfillJob,
  batch: Batch,
  change: (batch: Batch) => Promise<Passed>,
): Promise<Passed> {
  try {
    const passed = await change(batch);
    // Found at the commit, a fault could not be traced to a row any more.
    if (hasDeferred) await connection.query('set constraints all immediate');
    return passed;
  } catch (error) {
    throw new BatchFailure(batch, error);
  }
}

/**
 * No commit of a batch waits for the disk: rows and account are lost together by a crash, and are done again. What closes the
 * account does wait, and everything before it is then on disk, too.
 */
const unhurried = 'set local synchronous_commit = off';
/** That a scan of places begins at the first of them, and comes in their order. */
const inPlaces = '; set local synchronize_seqscans = off; set local max_parallel_workers_per_gather = 0';

async function prepare(job: BackfillJob): Promise<void> {
  await job.connection.query(unhurried + (job.order.kind === 'place' ? inPlaces : ''));
  await job.prepare?.(job.connection);
}

/** The next rows behind the cursor; undefined where there are none. */
export async function findBatch(job: BackfillJob, slice: Slice, size: number): Promise<Batch | undefined> {
  const { connection, table, key, order } = job;
  const { condition, parameters } = rangeOf(job, slice, slice.upper);
  const texts = `${order.asText} as "lastPosition", ${key.asText} as "lastKey"`;
  const full = await connection.query<Omit<Batch, 'rows'>>(
    `select ${texts} from ${table} where ${condition} ${order.orderBy} offset ${size - 1} limit 1`,
    parameters,
  );
  if (full.rows[0]) return { ...full.rows[0], rows: size };
  // Fewer are left than that: only here they are counted.
  const { rows } = await connection.query<Batch>(
    `select ${texts}, (count(*) over ())::float8 as rows from ${table} where ${condition}
      order by ${order.expression} desc limit 1`,
    parameters,
  );
  return rows[0];
}

export interface RangeSql {
  readonly condition: string;
  readonly parameters: readonly unknown[];
}

/** SQL that is true of the rows of a slice from its cursor to a position: of all, or in later sweeps of those that were missed. */
export function rangeOf(
  { context, order, key, todo }: BackfillJob,
  slice: Slice,
  until: string | null,
): RangeSql {
  const { expression } = order;
  const parameters: unknown[] = [];
  const parameter = (value: unknown): string => `$${parameters.push(value)}`;
  const parts: string[] = [];
  if (slice.cursor !== null) parts.push(`${expression} > ${order.fromText(parameter(slice.cursor))}`);
  if (until !== null) parts.push(`${expression} <= ${order.fromText(parameter(until))}`);
  // A row that was set aside is not set aside again, and its guard, which may be what fails, is not asked again.
  const stillTodo = (): string => `case when exists (
      select from crossfade_ledger.quarantine q
       where q.run_id = ${parameter(context.runId)} and q.step_id = ${parameter(context.stepId)} and q.row_key = ${key.asText})
    then false else ${todo} end`;
  if (slice.sweep > 1) parts.push(stillTodo());
  // What was written since lies where there was room, also behind us: it is not passed twice.
  else if (order.kind === 'place')
    parts.push(`(age(xmin) >= age(${parameter(slice.cutBy)}::xid8::xid) or ${stillTodo()})`);
  return { condition: parts.join(' and ') || 'true', parameters };
}
