import type { LeaseAnswer, LeaseRequest } from '@crossfade/engine';
import type { Pool } from 'pg';
import { sql } from './sql.ts';

const takeLeaseSql = sql('take-lease');
const readLeaseSql = sql('read-lease');
const renewLeaseSql = sql('renew-lease');
const releaseLeaseSql = sql('release-lease');

export async function takeLease(pool: Pool, { holder, ttlMs }: LeaseRequest): Promise<LeaseAnswer> {
  const taken = await pool.query<{ token: string }>(takeLeaseSql, [holder, ttlMs]);
  if (taken.rows[0]) return { status: 'taken', token: Number(taken.rows[0].token) };
  const held = await pool.query<{ holder: string; expires_in_ms: string }>(readLeaseSql);
  const row = held.rows[0];
  if (!row) throw new Error('crossfade.lease has no row: the schema was changed by hand');
  return { status: 'held', holder: row.holder, expiresInMs: Number(row.expires_in_ms) };
}

export async function renewLease(pool: Pool, token: number, ttlMs: number): Promise<boolean> {
  return (await pool.query(renewLeaseSql, [token, ttlMs])).rowCount === 1;
}

export async function releaseLease(pool: Pool, token: number): Promise<void> {
  await pool.query(releaseLeaseSql, [token]);
}
