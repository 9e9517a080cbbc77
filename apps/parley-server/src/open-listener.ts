import pg from 'pg';
import { createCuttableSockets } from './cuttable-sockets.ts';
import type { Limits } from './limits.ts';
import type { Log } from './log.ts';
import { CHANNEL } from './queries/notify.ts';

/** A connection of its own that listens. */
export type Listener = {
  client: pg.Client;
  /** Whoever comes while others ask waits for them: the connection takes one question at a time. */
  query(sql: string): Promise<unknown>;
  /** One round trip, shared by all who ask for it while it is under way. @throws when the connection is dead. */
  check(): Promise<void>;
  /** Ends it as if the server had. */
  end(): void;
  /** Ends it, in bounded time, without the adapter hearing of it. */
  retire(): Promise<void>;
};

/** @throws when it does not listen within a few seconds, or would listen in vain. */
export async function openListener(
  connectionString: string,
  log: Log,
  limits: Limits['listening'],
): Promise<Listener> {
  const sockets = createCuttableSockets();
  const client = new pg.Client({
    connectionString,
    application_name: 'parley',
    keepAlive: true,
    connectionTimeoutMillis: limits.connectMs,
    query_timeout: limits.answerMs,
    stream: sockets.create,
  });
  client.on('error', (error) => log.warn({ err: error }, 'the connection for realtime events failed'));
  try {
    await client.connect();
    await requireServerItself(client);
    await client.query(`LISTEN "${CHANNEL}"`);
  } catch (error) {
    sockets.cut();
    throw error;
  }
  let isOver = false;
  const end = (): void => {
    isOver = true;
    client
      .end()
      .catch((error: unknown) =>
        log.warn({ err: error }, 'ending the connection for realtime events failed'),
      );
  };
  /** A connection can be dead without having ended: the first question without an answer ends it, whoever asked. */
  const query = oneAfterAnother(async (sql) => {
    try {
      return await client.query(sql);
    } catch (error) {
      if (isOver) throw error;
      log.warn({ err: error }, 'the connection for realtime events does not answer');
      end();
      throw error;
    }
  });
  return {
    client,
    query,
    check: shared(async () => void (await query('SELECT 1'))),
    end,
    retire: async () => {
      isOver = true;
      client.removeAllListeners('notification');
      client.removeAllListeners('end');
      // A server that is gone never says goodbye.
      const cut = setTimeout(sockets.cut, limits.goodbyeMs);
      await client.end();
      clearTimeout(cut);
    },
  };
}

/**
 * Behind a pooler, LISTEN succeeds and nothing is ever heard. It is recognised by the process id that it gave us at
 * connecting, which is not that of the server's process.
 */
async function requireServerItself(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  if (rows[0]?.pid === Reflect.get(client, 'processID')) return;
  throw new Error(
    'the database connection goes through a pooler, where LISTEN hears nothing: ' +
      'expected DATABASE_DIRECT_URL to name the server itself',
  );
}

/** However many ask how it stands: who asks while that is being found out hears what is found out then. */
function shared(find: () => Promise<void>): () => Promise<void> {
  let pending: Promise<void> | undefined;
  return async () => {
    pending ??= find().finally(() => (pending = undefined));
    await pending;
  };
}

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
