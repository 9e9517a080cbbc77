import type { Membership } from '@crossfade/engine';
import type { Pool } from 'pg';
import { refuseFenced } from './refuse-fenced.ts';
import { sql } from './sql.ts';
import { read, transact } from './transact.ts';

const addMembers = sql('add-segment-members');
const countMembers = sql('count-segment-members');
const readMembershipsSql = sql('read-memberships');
const readMembersSql = sql('read-segment-members');
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
      await refuseFenced(client, token);
      await client.query(addMembers, [segment, keys]);
    });
    from += keysPerTransaction;
  } while (from < targetingKeys.length);
  const [row] = await read<{ size: string }>(pool, countMembers, [segment]);
  return Number(row?.size);
}

export async function readMemberships(pool: Pool, targetingKey: string): Promise<readonly Membership[]> {
  const rows = await read<{ segment: string; since_ms: string | null }>(pool, readMembershipsSql, [
    targetingKey,
  ]);
  return rows.map(({ segment, since_ms }) => ({
    segment,
    sinceMs: since_ms === null ? null : Number(since_ms),
  }));
}

export async function readSegmentMembers(pool: Pool, segment: string): Promise<readonly string[]> {
  const rows = await read<{ targeting_key: string }>(pool, readMembersSql, [segment]);
  return rows.map(({ targeting_key }) => targeting_key);
}
