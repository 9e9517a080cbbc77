import type { QueryResult as Answer, ConnectionOptions, Target, TargetConnection } from '@crossfade/engine';
import type { Client, ClientConfig, QueryResult } from 'pg';
import { createCanceller } from './cancel-backend.ts';
import { createCuttableClient } from './cuttable-client.ts';

export interface PostgresTargetOptions {
  readonly connectionString: string;
}

/** Nothing can cancel this one question, so that it must end by itself. */
const pidTimeoutMs = 10_000;

/**
 * The database being migrated, with one connection of its own for each piece of work. Aborting cancels the statement at
 * work on the server, not only our waiting for it; the connection is ended in every case. What limits a statement in time
 * is set by who sends it.
 */
export function createPostgresTarget({ connectionString }: PostgresTargetOptions): Target {
  const settings: ClientConfig = {
    connectionString,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  };
  return {
    withConnection: async (options, work) => await withConnection(settings, options, work),
  };
}

async function withConnection<T>(
  settings: ClientConfig,
  { applicationName, signal }: ConnectionOptions,
  work: (connection: TargetConnection) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { client, end } = createCuttableClient({ ...settings, application_name: applicationName });
  // A lost connection also fails the query under way, or the next one: the work hears of it there.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const pid = await backendPid(client);
    const canceller = createCanceller({ settings, pid, giveUp: end });
    signal.addEventListener('abort', canceller.start, { once: true });
    try {
      return await work(abortable(client, signal));
    } finally {
      signal.removeEventListener('abort', canceller.start);
      await canceller.stop();
    }
  } finally {
    await end();
  }
}

/** Asked, since behind a pooler the number that was given at connecting is the pooler's own. */
async function backendPid(client: Client): Promise<number> {
  const question = { text: 'select pg_backend_pid() as pid', query_timeout: pidTimeoutMs };
  const { rows } = await client.query<{ pid: number }>(question);
  if (!rows[0]) throw new Error('pg_backend_pid() returned no row');
  return rows[0].pid;
}

/** After an abort every query rejects with the signal's reason, whether it was cancelled or never sent. */
function abortable(client: Client, signal: AbortSignal): TargetConnection {
  return {
    async query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Answer<Row>> {
      signal.throwIfAborted();
      try {
        const values = parameters && [...parameters];
        const { rows, rowCount } = lastOf(await client.query<Row>(text, values));
        return { rows, rowCount: rowCount ?? 0 };
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
  };
}

/** A text of several statements has several results, which the driver's types do not know. */
function lastOf<Row extends object>(
  answer: QueryResult<Row> | readonly QueryResult<Row>[],
): QueryResult<Row> {
  if (!isSeveral(answer)) return answer;
  const last = answer.at(-1);
  if (!last) throw new Error('a query without a statement has no result');
  return last;
}

function isSeveral<T>(answer: T | readonly T[]): answer is readonly T[] {
  return Array.isArray(answer);
}
