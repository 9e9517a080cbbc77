import pg from 'pg';
import { cancelStatement } from './cancel-statement.ts';
import { createCuttableSockets } from './cuttable-sockets.ts';
import { isQueryTimeout, mayRunAgain, refusesStatementTimeout } from './database-errors.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Log } from './log.ts';

const INT8 = 20;
const ATTEMPTS = 4;

/** One statement is one round trip and one transaction, which is why it may be run again after a deadlock. */
export type Database = {
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** In bounded time, also when the server does not answer. */
  close(): Promise<void>;
};

export type DatabaseOptions = {
  connectionString: string;
  log: Log;
  maxConnections?: number;
  limits?: Limits['database'];
};

/**
 * Every wait is bounded. Statements stay unnamed: a prepared plan would break when a migration changes a table under
 * it, and a pooler could not keep it.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { connectionString, log, maxConnections = 10, limits = LIMITS.database } = options;
  const sockets = createCuttableSockets();
  const pool = new pg.Pool({
    connectionString,
    max: maxConnections,
    application_name: 'parley',
    connectionTimeoutMillis: limits.connectMs,
    statement_timeout: limits.statementMs,
    query_timeout: limits.answerMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    stream: sockets.create,
    types: numbersForBigints(),
  });
  // Without a listener, a connection that is lost while nobody uses it would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  return {
    query: async (sql, values = []) => await runAgainAfterDeadlock(pool, log, sql, values),
    close: async () => {
      const cut = setTimeout(sockets.cut, limits.goodbyeMs);
      await pool.end();
      clearTimeout(cut);
    },
  };
}

async function runAgainAfterDeadlock<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  log: Log,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce<Row>(pool, log, sql, values);
    } catch (error) {
      const isPooled = refusesStatementTimeout(error);
      if (isPooled) giveUpServerTimeout(pool, log);
      if ((!isPooled && !mayRunAgain(error)) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function runOnce<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  log: Log,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  const client = await pool.connect();
  // The statement fails as well when the connection is lost; an error without a listener would end the process.
  const onLost = (): void => {};
  client.on('error', onLost);
  let failure: Error | undefined;
  try {
    return (await client.query<Row>(sql, values)).rows;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // Nobody's answer waits for it.
    void giveBack(client, failure).finally(() => client.off('error', onLost));
  }

  async function giveBack(connection: pg.PoolClient, reason: Error | undefined): Promise<void> {
    if (isQueryTimeout(reason)) await cancelStatement(connection, log);
    connection.release(reason);
  }
}

/**
 * A pooler refuses settings that would belong to one client of many. From now on statements are cancelled by our own
 * clock alone, when no answer came.
 */
function giveUpServerTimeout(pool: pg.Pool, log: Log): void {
  // Another statement found out before.
  if (pool.options.statement_timeout === undefined) return;
  delete pool.options.statement_timeout;
  log.info(
    { answerTimeoutMs: pool.options.query_timeout },
    'behind a pooler: statements are timed by this process',
  );
}

/** Sequence numbers and versions stay far below 2^53. */
function numbersForBigints(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, Number);
  return types;
}
