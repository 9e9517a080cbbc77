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

/** A million people are counted in a few seconds; nobody's lease waits for it. */
const atLengthMs = 60_000;

/**
 * Questions that may take their time, one after the other, and all of one moment.
 * @returns the rows of each, in the order given.
 */
export async function readAtLength<Row extends QueryResultRow>(
  pool: Pool,
  questions: readonly (readonly [text: string, values: readonly unknown[]])[],
): Promise<readonly (readonly Row[])[]> {
  return await onClient(pool, async (client) => {
    await client.query(
      `begin isolation level repeatable read read only; ${limits}; set local statement_timeout = ${atLengthMs}`,
    );
    const answers: (readonly Row[])[] = [];
    for (const [text, values] of questions) {
      const { rows } = await client.query<Row>({ ...withPatience(text), values: [...values] });
      answers.push(rows);
    }
    await client.query('rollback');
    return answers;
  });
}

/** node-postgres takes a limit for one query, which its types do not know: the client's own is shorter. */
function withPatience(text: string): { readonly text: string; readonly query_timeout: number } {
  return { text, query_timeout: atLengthMs + 1_000 };
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
