import type { Pool, PoolClient } from 'pg';

/** COMMIT was sent and no answer came: the transaction may or may not have happened. */
export class CommitOutcomeUnknownError extends Error {
  override readonly name = 'CommitOutcomeUnknownError';

  constructor(cause: unknown) {
    super('the connection was lost during COMMIT: whether it happened is unknown', { cause });
  }
}

/**
 * Runs `work` in one transaction. After any error the connection is destroyed instead of rolled back: that ends the
 * transaction too, and nothing is asked of a connection that may be dead.
 * @throws CommitOutcomeUnknownError when only the outcome of COMMIT is missing.
 */
export async function transact<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A checked-out client has no listener of the pool's. What it reports here also fails the query under way, or the next.
  const ignoreRepeated = () => undefined;
  client.on('error', ignoreRepeated);
  let failed = true;
  try {
    await client.query('begin');
    const value = await work(client);
    await commit(client);
    failed = false;
    return value;
  } finally {
    client.off('error', ignoreRepeated);
    client.release(failed);
  }
}

async function commit(client: PoolClient): Promise<void> {
  try {
    await client.query('commit');
  } catch (error) {
    throw new CommitOutcomeUnknownError(error);
  }
}
