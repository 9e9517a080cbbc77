import pg from 'pg';
import { createCuttableSockets } from '../cuttable-sockets.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const GOODBYE_MS = 1_000;

export type CommandClient = {
  client: pg.Client;
  /** Ends the connection within a second, also when nobody is there any more to say goodbye to. */
  end: () => Promise<void>;
  /** Ends it at once: what is under way fails, and its transaction is undone. */
  cut: () => void;
};

export type ClientOptions = {
  connectionString: string;
  applicationName: string;
  /** How long an answer may take. Time limits of the server's own are set in each transaction. */
  answerTimeoutMs: number;
  /** Told when the connection is lost while nothing runs on it. */
  onLost?: (error: Error) => void;
};

/** One connection for a command that runs once. @throws when it is not there within ten seconds. */
export async function connectClient(options: ClientOptions): Promise<CommandClient> {
  const { connectionString, applicationName, answerTimeoutMs, onLost = () => {} } = options;
  const sockets = createCuttableSockets();
  const client = new pg.Client({
    connectionString,
    application_name: applicationName,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: answerTimeoutMs,
    stream: sockets.create,
  });
  // Without a listener, a connection lost between two queries would end the process; the next query tells of it.
  client.on('error', onLost);
  try {
    await client.connect();
  } catch (error) {
    sockets.cut();
    throw error;
  }
  return {
    client,
    end: async () => {
      const cut = setTimeout(sockets.cut, GOODBYE_MS);
      await client.end();
      clearTimeout(cut);
    },
    cut: sockets.cut,
  };
}
