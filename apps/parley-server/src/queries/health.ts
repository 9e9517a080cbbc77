import type { Database } from '../database.ts';

/** The row itself must be there: a database that answers but lost our tables is not healthy. */
export async function readHealth(database: Database): Promise<string> {
  const [row] = await database.query<{ status: string }>('SELECT status FROM public.health LIMIT 1');
  if (row === undefined) throw new Error('public.health is empty: expected one row');
  return row.status;
}
