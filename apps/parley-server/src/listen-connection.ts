import type { Database } from './database.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Log } from './log.ts';
import { type Listener, openListener } from './open-listener.ts';

export type ListenConnection = {
  /** What Socket.IO's Postgres adapter takes for a pool. */
  readonly pool: AdapterPool;
  /** One round trip on the listening connection. @throws while it is not listening. */
  check(): Promise<void>;
  close(): Promise<void>;
};

export type ListenOptions = {
  /** Of the server itself: a pooler lends a connection to others, who would hear what is meant for us. */
  connectionString: string;
  database: Database;
  log: Log;
  /** Called each time it listens (again): what happened before was not heard. */
  onListening: () => void;
  limits?: Limits['listening'];
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

/**
 * The adapter asks its pool for a client to LISTEN on, keeps it, and asks for another when that one ends. A real
 * pool does not fit: it would count the lost clients as lent for ever, and leave their errors without a listener.
 * So each client is a connection of its own; what the adapter publishes goes through the ordinary pool.
 */
export function createListenConnection(options: ListenOptions): ListenConnection {
  const { connectionString, database, log, onListening, limits = LIMITS.listening } = options;
  let current: Listener | undefined;
  let closed = false;
  let toldOf = '';

  /** The adapter tries again every second or so, and says nothing: the same failure is told once. */
  const tell = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    if (message !== toldOf) log.warn({ err: error }, 'not listening for realtime events: trying again');
    toldOf = message;
  };

  const connect = async (): Promise<AdapterClient> => {
    // The adapter tries again for ever after a failure, also when it was closed in between: let it wait.
    const forEver = new Promise<never>(() => {});
    if (closed) return await forEver;
    const listener = await openListener(connectionString, log, limits).catch((error: unknown) => {
      tell(error);
      throw error;
    });
    toldOf = '';
    // Closed while it connected: nobody else knows of this connection.
    if (closed) {
      await listener.retire();
      return await forEver;
    }
    // It may ask twice for one loss; with two clients every event would arrive twice. Known before we wait for the end of
    // the other one: whoever asks or closes meanwhile must find this one.
    const other = current;
    current = listener;
    const { client } = listener;
    client.once('end', () => {
      if (current === listener) current = undefined;
      if (!closed) log.warn({}, 'the connection for realtime events was lost');
    });
    await other?.retire();
    if (closed) return await forEver;
    // Nobody would hear of its end any more: the adapter is to ask again.
    if (current !== listener)
      throw new Error('the connection for realtime events ended as soon as it was made');
    setImmediate(onListening);
    return {
      on: (event, on) => void client.on(event, on),
      removeAllListeners: (event) => void client.removeAllListeners(event),
      query: async (sql) => await listener.query(sql),
      release: () => listener.end(),
    };
  };
  const check = async (): Promise<void> => {
    if (current === undefined) throw new Error('not listening for realtime events at the moment');
    await current.check();
  };
  const watch = setInterval(() => {
    // Nobody is to be told here: the listener logs it, and ends, and the adapter makes a new one.
    current?.check().catch(() => {});
  }, limits.watchMs);

  return {
    pool: { connect, query: async (sql, values) => await database.query(sql, values) },
    check,
    close: async () => {
      closed = true;
      clearInterval(watch);
      await current?.retire();
      current = undefined;
    },
  };
}
