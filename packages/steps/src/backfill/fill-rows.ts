import { quoteIdentifier } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import type { BackfillJob } from './backfill-job.ts';
import { findBatch, passBatch, rangeOf, type Batch, type BatchRunner, type Passed } from './run-batch.ts';
import type { Slice } from './slice-ledger.ts';

/** A row that is still to do by its guard after it was done: the expression or a trigger stands against the guard. */
export class RowNotDone extends Error {
  override readonly name = 'RowNotDone';
}

export const stillToDo = 'by the guard it is still to do after it was done';

/** `"copy" = (upper(body))`, … */
export function assignmentsOf(set: Readonly<Record<string, string>>): string {
  return Object.entries(set)
    .map(([column, expression]) => `${quoteIdentifier(column)} = (\n${expression}\n)`)
    .join(', ');
}

/** Changes rows by SQL expressions. */
export function filling(assignments: string): BatchRunner {
  return async (job, slice, size) =>
    await passBatch(
      job,
      slice,
      async () => await findBatch(job, slice, size),
      async (batch) => await fillBatch(job, slice, assignments, batch),
    );
}

interface Filled {
  readonly migrated: number;
  readonly skipped: number;
  readonly open: number;
  readonly left: readonly string[];
}

/**
 * All rows of a batch in one statement. Postgres asks the guard again of a row that somebody changed while we waited for it,
 * so that a user's edit is never overwritten; such rows are left, and looked at one by one.
 */
async function fillBatch(
  job: BackfillJob,
  slice: Slice,
  assignments: string,
  { lastPosition }: Batch,
): Promise<Passed> {
  const { connection, table, key, todo, way } = job;
  const { condition, parameters } = rangeOf(job, slice, lastPosition);
  // In later sweeps the range says so already. In the first one the guard is asked of rows in the range alone: elsewhere may be
  // some with which it fails, and AND has no order.
  const andTodo = slice.sweep > 1 ? '' : `and case when ${condition} then ${todo} else false end`;
  const { rows } = await connection.query<Filled>(
    `with crossfade_batch as materialized (select ${key.list}, ${todo} as crossfade_todo from ${table} where ${condition}),
     crossfade_changed as (
       update ${table} set ${assignments} where ${condition} ${andTodo} returning ${key.list}, ${todo} as crossfade_todo
     ), crossfade_counted as (
       select (select count(*) from crossfade_batch) as passed, (select count(*) from crossfade_batch where crossfade_todo) as todo,
              (select count(*) from crossfade_changed) as migrated, (select count(*) from crossfade_changed where crossfade_todo) as open
     )
     select migrated::float8, open::float8, (passed - todo)::float8 as skipped,
            case when migrated = todo then '{}' else array(
              select ${key.asTextIn('crossfade_missed')} from (
                select ${key.names} from crossfade_batch where crossfade_todo except select ${key.names} from crossfade_changed) as crossfade_missed) end as left
       from crossfade_counted`,
    parameters,
  );
  const { migrated, skipped, open, left } = theRow(rows);
  if (way === 'fill' && open > 0) throw new RowNotDone(stillToDo);
  if (left.length === 0) return { migrated, skipped, vanished: 0 };
  const late = await fillRows(job, assignments, left);
  return {
    migrated: migrated + late.migrated,
    skipped: skipped + late.present - late.migrated,
    vanished: left.length - late.present,
  };
}

/**
 * Locks first and looks then: the guard is asked about the row as its last writer left it, and nobody can change it before
 * we have.
 */
export async function fillRows(
  { connection, table, key, todo, way }: BackfillJob,
  assignments: string,
  keys: readonly string[],
): Promise<{ readonly migrated: number; readonly present: number }> {
  const present = await connection.query<{ key: string; todo: boolean }>(
    `select ${key.asText} as key, ${todo} as todo from ${table}
      where ${key.among('$1')} order by ${key.list} for no key update`,
    [keys],
  );
  const open = present.rows.filter((row) => row.todo).map((row) => row.key);
  if (open.length === 0) return { migrated: 0, present: present.rowCount };
  const changed = await connection.query<{ open: boolean }>(
    `update ${table} set ${assignments} where ${key.among('$1')} returning ${todo} as open`,
    [open],
  );
  if (changed.rowCount !== open.length) throw new RowNotDone('a trigger of the table suppressed the change');
  if (way === 'fill' && changed.rows.some((row) => row.open)) throw new RowNotDone(stillToDo);
  return { migrated: open.length, present: present.rowCount };
}
