import { eachInTransaction } from '../target/each-in-transaction.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { fenced } from '../target/ledger.ts';
import type { BackfillJob, Way } from './backfill-job.ts';
import type { Counts } from './backfill-ledger.ts';

/** Positions in the job's order, as texts: rows after `lower` up to and with `upper`; null: from the first, to the last. */
export interface Stretch {
  readonly lower: string | null;
  readonly upper: string | null;
}

/** A slice that a worker holds. Everything before its cursor is done. */
export interface Slice {
  readonly sweep: number;
  readonly slice: number;
  readonly cursor: string | null;
  readonly upper: string | null;
  /** The transaction that cut the table: rows that are newer were written since. */
  readonly cutBy: string;
  readonly holder: string;
  /** Counts how often it was claimed: whoever was paused beyond its lease finds that it is another's. */
  readonly attempt: number;
}

/** Somebody else has the slice now. What we were about to do with it, they do. */
export class SliceLost extends Error {
  override readonly name = 'SliceLost';
}

/**
 * For so long after its last commit a worker's slices are not given to another. Where a transform may be at work for longer, so
 * long: two workers would else take the slice from each other for ever.
 */
const shortestLeaseMs = 15_000;
const roomMs = 10_000;

function leaseOf({ config }: BackfillJob): string {
  const leaseMs = Math.max(shortestLeaseMs, (config.transform?.timeout ?? 0) + roomMs);
  return `clock_timestamp() + interval '${leaseMs} milliseconds'`;
}

const limits = { lockTimeoutMs: 10_000, statementTimeoutMs: 60_000 };

const identityOf = ({ context, way }: BackfillJob): readonly string[] => [context.runId, context.stepId, way];

export async function addSlices(
  job: BackfillJob,
  sweep: number,
  stretches: readonly Stretch[],
): Promise<void> {
  await job.connection.query(
    `insert into crossfade_ledger.slices (run_id, step_id, direction, sweep, slice, lower, upper, cursor, cut_by)
     select $1, $2, $3, $4, n, lower, upper, lower, pg_current_xact_id()::text
       from unnest($5::text[], $6::text[]) with ordinality as s (lower, upper, n)`,
    [...identityOf(job), sweep, stretches.map(({ lower }) => lower), stretches.map(({ upper }) => upper)],
  );
}

/** Of whoever worked under an earlier leader: their next commit fails, and the slices are free. */
export async function releaseSlices(job: BackfillJob): Promise<void> {
  await job.connection.query(
    `update crossfade_ledger.slices set holder = null, attempt = attempt + 1
      where run_id = $1 and step_id = $2 and direction = $3 and token < $4 and finished_at is null and holder is not null`,
    [...identityOf(job), job.context.token],
  );
}

export async function forgetSlices({ connection, context }: BackfillJob, way: Way): Promise<void> {
  await connection.query(
    'delete from crossfade_ledger.slices where run_id = $1 and step_id = $2 and direction = $3',
    [context.runId, context.stepId, way],
  );
}

/** What a worker may do next: nothing is left, or all that is left is held by others. */
export type Claim =
  | { readonly claim: 'slice'; readonly slice: Slice }
  | { readonly claim: 'wait' }
  | { readonly claim: 'none' };

/**
 * Claims a slice that nobody holds, or whose holder has not been heard of; one that somebody has begun comes first.
 * @throws TerminalError when another controller has taken the backfill over.
 */
export async function claimSlice(job: BackfillJob, holder: string): Promise<Claim> {
  const { connection, context } = job;
  return await inTransaction(connection, limits, async () => {
    const { rows } = await connection.query<Slice>(
      `with head as (
         select sweep, token from crossfade_ledger.backfills
          where run_id = $1 and step_id = $2 and direction = $3 and token = $4 and finished_at is null for share
       ), free as (
         select s.sweep, s.slice from crossfade_ledger.slices s join head using (sweep)
          where run_id = $1 and step_id = $2 and direction = $3 and s.finished_at is null
            and (s.holder is null or s.lease_until < clock_timestamp())
          order by s.attempt = 0, s.slice limit 1 for update of s skip locked
       )
       update crossfade_ledger.slices s
          set holder = $5, token = $4, attempt = s.attempt + 1, lease_until = ${leaseOf(job)}
         from free where s.run_id = $1 and s.step_id = $2 and s.direction = $3 and s.sweep = free.sweep and s.slice = free.slice
       returning s.sweep, s.slice, s.cursor, s.upper, s.cut_by as "cutBy", s.holder, s.attempt`,
      [...identityOf(job), context.token, holder],
    );
    if (rows[0]) return { claim: 'slice', slice: rows[0] };
    return { claim: (await countOpen(job)) > 0 ? 'wait' : 'none' };
  });
}

async function countOpen(job: BackfillJob): Promise<number> {
  const { rows } = await job.connection.query<{ open: number }>(
    `select (select count(*) from crossfade_ledger.slices s
              where s.run_id = b.run_id and s.step_id = b.step_id and s.direction = b.direction and s.sweep = b.sweep
                and s.finished_at is null)::float8 as open
       from crossfade_ledger.backfills b where run_id = $1 and step_id = $2 and direction = $3 and token = $4`,
    [...identityOf(job), job.context.token],
  );
  if (!rows[0]) throw fenced(job.context);
  return rows[0].open;
}

/**
 * Locks a slice for the rest of the transaction, if it is still ours and stands where we think.
 * @throws SliceLost otherwise.
 */
export async function lockSlice(job: BackfillJob, slice: Slice): Promise<void> {
  const { rowCount } = await job.connection.query(
    `select from crossfade_ledger.slices where ${sliceIs} and cursor is not distinct from $8 for update`,
    [...placeOf(job, slice), slice.cursor],
  );
  if (rowCount === 0)
    throw new SliceLost(`slice ${slice.slice} of sweep ${slice.sweep} is held by another worker`);
}

const sliceIs =
  'run_id = $1 and step_id = $2 and direction = $3 and sweep = $4 and slice = $5 and holder = $6 and attempt = $7';
const placeOf = (job: BackfillJob, { sweep, slice, holder, attempt }: Slice): readonly unknown[] => [
  ...identityOf(job),
  sweep,
  slice,
  holder,
  attempt,
];

/** Moves the cursor and counts the rows passed; in the transaction that changed them. */
export async function bookBatch(
  job: BackfillJob,
  slice: Slice,
  cursor: string,
  { migrated, skipped, quarantined, vanished }: Counts,
  activeMs: number,
): Promise<Slice> {
  await job.connection.query(
    `update crossfade_ledger.slices
        set cursor = $8, migrated = migrated + $9, skipped = skipped + $10, quarantined = quarantined + $11,
            vanished = vanished + $12, passed = passed + $9 + $10 + $11 + $12, batches = batches + 1,
            active_ms = active_ms + $13, lease_until = ${leaseOf(job)}
      where ${sliceIs}`,
    [...placeOf(job, slice), cursor, migrated, skipped, quarantined, vanished, Math.round(activeMs)],
  );
  return { ...slice, cursor };
}

/** There is no row left in it; in a transaction that has locked it. */
export async function finishSlice(job: BackfillJob, slice: Slice): Promise<void> {
  await job.connection.query(
    `update crossfade_ledger.slices set finished_at = clock_timestamp(), holder = null where ${sliceIs}`,
    [...placeOf(job, slice)],
  );
}

/** Lets go of a slice that somebody else may go on with, where it still is ours. */
export async function letGo(job: BackfillJob, slice: Slice): Promise<void> {
  await eachInTransaction(job.connection).query(
    `update crossfade_ledger.slices set holder = null where ${sliceIs}`,
    [...placeOf(job, slice)],
  );
}
