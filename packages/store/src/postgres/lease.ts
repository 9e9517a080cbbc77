import type { LeaseAnswer, LeaseHolder, LeaseRequest } from '@crossfade/engine';
import type { Pool } from 'pg';
import { sql } from './sql.ts';
import { read, write } from './transact.ts';

const takeLeaseSql = sql('take-lease');
const readLeaseSql = sql('read-lease');
const readLeaderSql = sql('read-leader');
const renewLeaseSql = sql('renew-lease');
const releaseLeaseSql = sql('release-lease');

export async function takeLease(pool: Pool, { holder, ttlMs }: LeaseRequest): Promise<LeaseAnswer> {
  const taken = await write<{ token: string }>(pool, takeLeaseSql, [holder, ttlMs]);
  if (taken.rows[0]) return { status: 'taken', token: Number(taken.rows[0].token) };
  const [row] = await read<{ holder: string; expires_in_ms: string }>(pool, readLeaseSql);
  if (!row) throw new Error('crossfade.lease has no row: the schema was changed by hand');
  return { status: 'held', holder: row.holder, expiresInMs: Number(row.expires_in_ms) };
}

export async function renewLease(pool: Pool, token: number, ttlMs: number): Promise<boolean> {
  return (await write(pool, renewLeaseSql, [token, ttlMs])).rowCount === 1;
}

export async function releaseLease(pool: Pool, token: number): Promise<void> {
  await write(pool, releaseLeaseSql, [token]);
}

export async function readLeader(pool: Pool): Promise<LeaseHolder | null> {
  const [row] = await read<{ holder: string; token: string; expires_in_ms: string }>(pool, readLeaderSql);
  return row
    ? { holder: row.holder, token: Number(row.token), expiresInMs: Number(row.expires_in_ms) }
    : null;
}
