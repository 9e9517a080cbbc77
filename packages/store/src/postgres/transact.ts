import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';

/** COMMIT was sent and no answer came: the transaction may or may not have happened. */
export class CommitOutcomeUnknownError extends Error {
  override readonly name = 'CommitOutcomeUnknownError';

  constructor(cause: unknown) {
    super('the connection was lost during COMMIT: whether it happened is unknown', { cause });
  }
}

/**
 * In one message with BEGIN, and gone with the transaction: behind a pooler the next one on this server connection may be
 * somebody else's. Without them a lock that is never given back would keep a server process for each of our attempts.
 */
const limits =
  'set local statement_timeout = 5000; set local lock_timeout = 3000; ' +
  'set local idle_in_transaction_session_timeout = 5000';

/**
 * Runs `work` in one transaction. After any error the connection is destroyed instead of rolled back: that ends the
 * transaction too, and nothing is asked of a connection that may be dead.
 * @throws CommitOutcomeUnknownError when only the outcome of COMMIT is missing.
 */
export async function transact<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return await onClient(pool, async (client) => {
    await client.query(`begin; ${limits}`);
    const value = await work(client);
    await commit(client);
    return value;
  });
}

/** One question that changes nothing. */
export async function read<Row extends QueryResultRow>(
  pool: Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return await onClient(pool, async (client) => {
    await client.query(`begin read only; ${limits}`);
    const { rows } = await client.query<Row>(text, [...values]);
    await client.query('rollback');
    return rows;
  });
}

/** One statement that changes something. */
export async function write<Row extends QueryResultRow>(
  pool: Pool,
  text: string,
  values: readonly unknown[],
): Promise<QueryResult<Row>> {
  return await transact(pool, async (client) => await client.query<Row>(text, [...values]));
}

async function onClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A checked-out client has no listener of the pool's. What it reports here also fails the query under way, or the next.
  const ignoreRepeated = () => undefined;
  client.on('error', ignoreRepeated);
  let failed = true;
  try {
    const value = await work(client);
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
