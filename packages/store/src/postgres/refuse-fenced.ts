import type { PoolClient } from 'pg';
import { fencedError } from '../fenced-error.ts';
import { sql } from './sql.ts';

const lockLease = sql('lock-lease');

/**
 * Holds the lease's row for the rest of the transaction, so that nobody takes it over meanwhile. It is enough that no newer leader
 * exists.
 * @throws the error of a fenced token when one does.
 */
export async function refuseFenced(client: PoolClient, token: number): Promise<void> {
  const lease = await client.query<{ token: string }>(lockLease);
  const newest = Number(lease.rows[0]?.token);
  if (newest !== token) throw fencedError(token, newest);
}
