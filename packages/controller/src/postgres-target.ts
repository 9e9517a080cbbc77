import { randomUUID } from 'node:crypto';
import type { QueryResult as Answer, ConnectionOptions, Target, TargetConnection } from '@crossfade/engine';
import {
  askForSession,
  createCuttableClient,
  type CuttableClient,
  type ServerSession,
} from '@crossfade/store';
import type { ClientConfig, QueryResult } from 'pg';
import { createCanceller } from './cancel-backend.ts';
import { heed } from './heed.ts';
import { lookAtSession, type NamedSession } from './target/look-at-session.ts';
import { assertSameDatabase } from './target/same-database.ts';
import { asTargetAway, TargetAwayError } from './target/target-away-error.ts';
import { whileAlive } from './target/while-alive.ts';

export interface PostgresTargetOptions {
  readonly connectionString: string;
  /** The same database past a pooler, when `connectionString` leads through one: all work is done there. */
  readonly directConnectionString?: string | undefined;
  /** How often the server is asked whether it is still at work on a statement, and how long it may take to say. */
  readonly looks?: Looks;
}

interface Looks {
  /** Default 5,000. */
  readonly intervalMs: number;
  /** Default 4,000. */
  readonly limitMs: number;
}

interface Way {
  readonly settings: ClientConfig;
  readonly looks: Looks;
}

/** Nothing can cancel this one question, so that it must end by itself. */
const sessionTimeoutMs = 10_000;

/**
 * The database being migrated, with one connection of its own for each piece of work. Aborting cancels the statement at
 * work on the server, not only our waiting for it; the connection is ended in every case. What limits a statement in time
 * is set by who sends it; here it is found out when nobody is at work on it any more.
 */
export function createPostgresTarget(options: PostgresTargetOptions): Target {
  const { connectionString, directConnectionString, looks = { intervalMs: 5_000, limitMs: 4_000 } } = options;
  const usual = settingsFor(connectionString);
  const settings = directConnectionString === undefined ? usual : settingsFor(directConnectionString);
  let isChecked = directConnectionString === undefined;
  return {
    async withConnection(connectionOptions, work) {
      // A question with a limit of its own, which whoever stops us need not wait for.
      const check = async () => await assertSameDatabase(usual, settings);
      if (!isChecked) await heed(connectionOptions.signal, 'aborted', check);
      isChecked = true;
      return await withConnection({ settings, looks }, connectionOptions, work);
    },
  };
}

function settingsFor(connectionString: string): ClientConfig {
  return {
    connectionString,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  };
}

async function withConnection<T>(
  way: Way,
  options: ConnectionOptions,
  work: (connection: TargetConnection) => Promise<T>,
): Promise<T> {
  const { settings } = way;
  const { signal } = options;
  signal.throwIfAborted();
  const connectionName = `crossfade ${randomUUID().slice(0, 8)}`;
  const cuttable = createCuttableClient({ ...settings, application_name: connectionName });
  const { client, end, cut } = cuttable;
  // A lost connection also fails the query under way, or the next one: the work hears of it there.
  client.on('error', () => undefined);
  try {
    const session = await open(cuttable, options);
    const giveUp = () => cut(new Error('the server did not let go of its work'));
    const canceller = createCanceller({ settings, client, session, giveUp });
    signal.addEventListener('abort', canceller.start, { once: true });
    try {
      return await work(abortable(way, options, cuttable, { ...session, connectionName }));
    } finally {
      signal.removeEventListener('abort', canceller.start);
      await canceller.stop();
    }
  } finally {
    await end();
  }
}

/** Connects; an abort does not wait for a network that leads nowhere. */
async function open(
  { client, cut }: CuttableClient,
  { applicationName, signal }: ConnectionOptions,
): Promise<ServerSession> {
  const letGo = () => cut(new Error('aborted while connecting'));
  signal.addEventListener('abort', letGo, { once: true });
  try {
    await client.connect();
    const session = await askForSession(client, sessionTimeoutMs);
    // In a fail-over the address may lead to the one that is about to be promoted.
    if (session.standby) throw new TargetAwayError('the database is a standby, which takes no writes');
    // Only on a session of our own: a pooler would hand the name on with the connection.
    if (!session.pooled) await client.query(nameSession(applicationName));
    return session;
  } catch (error) {
    signal.throwIfAborted();
    throw asTargetAway(error);
  } finally {
    signal.removeEventListener('abort', letGo);
  }
}

function nameSession(name: string): { text: string; values: string[]; query_timeout: number } {
  const text = `select set_config('application_name', $1, false)`;
  return { text, values: [name], query_timeout: sessionTimeoutMs };
}

/** After an abort every query rejects with the signal's reason, whether it was cancelled or never sent. */
function abortable(
  { settings, looks }: Way,
  { applicationName, signal }: ConnectionOptions,
  { client, cut }: CuttableClient,
  session: NamedSession,
): TargetConnection {
  const look = async () => await lookAtSession(settings, session, applicationName, looks.limitMs);
  return {
    pooled: session.pooled,
    ...(session.pooled ? { transactionName: applicationName } : {}),
    async query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Answer<Row>> {
      signal.throwIfAborted();
      try {
        const values = parameters && [...parameters];
        const answer = client.query<Row>(text, values);
        const { rows, rowCount } = lastOf(
          await whileAlive(answer, { look, intervalMs: looks.intervalMs, cut }),
        );
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
