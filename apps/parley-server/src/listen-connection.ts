import pg from 'pg';
import type { Database } from './database.ts';
import type { Log } from './log.ts';
import { CHANNEL } from './queries/notify.ts';

const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 2_000;
const WATCH_INTERVAL_MS = 5_000;

export type ListenConnection = {
  /** What Socket.IO's Postgres adapter takes for a pool. */
  readonly pool: AdapterPool;
  /** One round trip on the listening connection. @throws while it is not listening. */
  check(): Promise<void>;
  close(): Promise<void>;
};

export type ListenOptions = {
  connectionString: string;
  database: Database;
  log: Log;
  /** Called each time it listens (again): what happened before was not heard. */
  onListening: () => void;
};

/** The two things the adapter uses of a pool. */
type AdapterPool = {
  connect(): Promise<AdapterClient>;
  query(sql: string, values?: unknown[]): Promise<unknown>;
};

/** What the adapter uses of a client. */
type AdapterClient = {
  on(event: 'notification' | 'end', listener: (...facts: never[]) => void): void;
  removeAllListeners(event: 'end'): void;
  query(sql: string): Promise<unknown>;
  release(): void;
};

/** A connection of its own that listens. `retire` ends it without the adapter hearing of it. */
type Listener = { client: pg.Client; query(sql: string): Promise<unknown>; retire(): Promise<void> };

/**
 * The adapter asks its pool for a client to LISTEN on, keeps it, and asks for another when that one ends. A real
 * pool does not fit: it would count the lost clients as lent for ever, and leave their errors without a listener.
 * So each client is a connection of its own; what the adapter publishes goes through the ordinary pool.
 */
export function createListenConnection(options: ListenOptions): ListenConnection {
  const { database, log, onListening } = options;
  let current: Listener | undefined;
  let closed = false;

  const connect = async (): Promise<AdapterClient> => {
    // The adapter tries again for ever after a failure, also when it was closed in between: let it wait.
    const forEver = new Promise<never>(() => {});
    if (closed) return await forEver;
    const listener = await openListener(options);
    // Closed while it connected: nobody else knows of this connection.
    if (closed) {
      await listener.retire();
      return await forEver;
    }
    // It may ask twice for one loss; with two clients every event would arrive twice.
    await current?.retire();
    current = listener;
    const { client } = listener;
    client.once('end', () => {
      if (current === listener) current = undefined;
      if (!closed) log.warn({}, 'the connection for realtime events was lost');
    });
    setImmediate(onListening);
    return {
      on: (event, on) => void client.on(event, on),
      removeAllListeners: (event) => void client.removeAllListeners(event),
      query: async (sql) => await listener.query(sql),
      release: () => end(client, log),
    };
  };
  const check = async (): Promise<void> => {
    if (current === undefined) throw new Error('not listening for realtime events at the moment');
    await current.query('SELECT 1');
  };
  const watch = setInterval(() => {
    const watched = current;
    if (watched === undefined) return;
    // A connection can be dead without having ended: then it is ended here, and the adapter makes a new one.
    watched.query('SELECT 1').catch((error: unknown) => {
      log.warn({ err: error }, 'the connection for realtime events does not answer');
      end(watched.client, log);
    });
  }, WATCH_INTERVAL_MS);

  return {
    pool: { connect, query: async (sql, values) => await database.pool.query(sql, values) },
    check,
    close: async () => {
      closed = true;
      clearInterval(watch);
      await current?.retire();
      current = undefined;
    },
  };
}

async function openListener({ connectionString, log }: ListenOptions): Promise<Listener> {
  const client = new pg.Client({
    connectionString,
    application_name: 'parley',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
  });
  client.on('error', (error) => log.warn({ err: error }, 'the connection for realtime events failed'));
  try {
    await client.connect();
    await client.query(`LISTEN "${CHANNEL}"`);
  } catch (error) {
    end(client, log);
    throw error;
  }
  return {
    client,
    query: oneAfterAnother(async (sql) => await client.query(sql)),
    retire: async () => {
      client.removeAllListeners('notification');
      client.removeAllListeners('end');
      await client.end();
    },
  };
}

/** The adapter, the watch and /readyz share the connection, which takes one question at a time. */
function oneAfterAnother(ask: (sql: string) => Promise<unknown>): (sql: string) => Promise<unknown> {
  let last: Promise<unknown> = Promise.resolve();
  return async (sql) => {
    const answer = last.then(
      async () => await ask(sql),
      async () => await ask(sql),
    );
    last = answer;
    return await answer;
  };
}

function end(client: pg.Client, log: Log): void {
  client
    .end()
    .catch((error: unknown) => log.warn({ err: error }, 'ending the connection for realtime events failed'));
}
