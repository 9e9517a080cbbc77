import type { Pool } from 'pg';
import { fencedError } from '../fenced-error.ts';
import { sql } from './sql.ts';
import { read, transact } from './transact.ts';

const lockLease = sql('lock-lease');
const addMembers = sql('add-segment-members');
const countMembers = sql('count-segment-members');
const keysPerTransaction = 5_000;

/**
 * In many short transactions: each looks at the lease under a lock that a renewal has to wait for, so that one long
 * transaction would cost its own leader the lease. Adding is idempotent and nobody is taken out, so that a part of it does no
 * harm, and it is enough that no newer leader exists.
 */
export async function addSegmentMembers(
  pool: Pool,
  segment: string,
  targetingKeys: readonly string[],
  token: number,
): Promise<number> {
  let from = 0;
  do {
    const keys = targetingKeys.slice(from, from + keysPerTransaction);
    await transact(pool, async (client) => {
      const lease = await client.query<{ token: string }>(lockLease);
      const newest = Number(lease.rows[0]?.token);
      if (newest !== token) throw fencedError(token, newest);
      await client.query(addMembers, [segment, keys]);
    });
    from += keysPerTransaction;
  } while (from < targetingKeys.length);
  const [row] = await read<{ size: string }>(pool, countMembers, [segment]);
  return Number(row?.size);
}
