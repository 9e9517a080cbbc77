import pg from 'pg';
import { mayRunAgain } from './database-errors.ts';
import type { Log } from './log.ts';

const INT8 = 20;
const ATTEMPTS = 4;

/** One statement is one round trip and one transaction, which is why it may be run again after a deadlock. */
export type Database = {
  readonly pool: pg.Pool;
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
};

export type DatabaseOptions = { connectionString: string; log: Log; maxConnections?: number };

/**
 * Every wait is bounded: for a connection, for a statement, for an answer that never comes. Statements stay unnamed:
 * a prepared plan would break when a migration changes a table under it.
 */
export function openDatabase({ connectionString, log, maxConnections = 10 }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString,
    max: maxConnections,
    application_name: 'parley',
    connectionTimeoutMillis: 3_000,
    statement_timeout: 5_000,
    query_timeout: 7_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    types: numbersForBigints(),
  });
  // Without a listener, a connection that is lost while nobody uses it would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
  return {
    pool,
    query: async (sql, values = []) => await runAgainAfterDeadlock(pool, sql, values),
    close: async () => await pool.end(),
  };
}

async function runAgainAfterDeadlock<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await pool.query<Row>(sql, values)).rows;
    } catch (error) {
      if (!mayRunAgain(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Sequence numbers and versions stay far below 2^53. */
function numbersForBigints(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, Number);
  return types;
}
