import type { BackfillJob, ChangedRows } from './backfill-job.ts';

/** A row that is still to do by its guard after it was done: the expression or a trigger stands against the guard. */
export class RowNotDone extends Error {
  override readonly name = 'RowNotDone';
}

type FillJob = BackfillJob & {
  /** `"copy" = (upper(body))`, … */
  readonly assignments: string;
};

/**
 * Locks first and looks then: the guard is asked about the row as its last writer left it, and nobody can change it before
 * we have. So a user's edit is never overwritten by something computed from what was there before.
 */
export async function fillRows(job: FillJob, keys: readonly string[]): Promise<ChangedRows> {
  const { connection, table, key, keyType, todo, assignments, way } = job;
  const present = await connection.query<{ key: string; todo: boolean }>(
    `select ${key}::text as key, ${todo} as todo from ${table}
      where ${key} = any($1::${keyType}[]) order by ${key} for no key update`,
    [keys],
  );
  const open = present.rows.filter((row) => row.todo).map((row) => row.key);
  if (open.length === 0) return { migrated: 0, present: present.rowCount };
  const changed = await connection.query<{ open: boolean }>(
    `update ${table} set ${assignments} where ${key} = any($1::${keyType}[]) returning ${todo} as open`,
    [open],
  );
  if (changed.rowCount !== open.length) throw new RowNotDone('a trigger of the table suppressed the change');
  if (way === 'fill' && changed.rows.some((row) => row.open)) {
    throw new RowNotDone('by the guard it is still to do after it was done');
  }
  return { migrated: open.length, present: present.rowCount };
}
