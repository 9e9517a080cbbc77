import type { Pool } from 'pg';
import { fencedError } from '../fenced-error.ts';
import { sql } from './sql.ts';
import { transact } from './transact.ts';

const lockLease = sql('lock-lease');
const addMembers = sql('add-segment-members');
const countMembers = sql('count-segment-members');
const keysPerStatement = 10_000;

/** Adding is idempotent and nobody is taken out, so it is enough that no newer leader exists. */
export async function addSegmentMembers(
  pool: Pool,
  segment: string,
  targetingKeys: readonly string[],
  token: number,
): Promise<number> {
  return await transact(pool, async (client) => {
    const lease = await client.query<{ token: string }>(lockLease);
    const newest = Number(lease.rows[0]?.token);
    if (newest !== token) throw fencedError(token, newest);
    for (let from = 0; from < targetingKeys.length; from += keysPerStatement) {
      await client.query(addMembers, [segment, targetingKeys.slice(from, from + keysPerStatement)]);
    }
    const { rows } = await client.query<{ size: string }>(countMembers, [segment]);
    return Number(rows[0]?.size);
  });
}
