import { Socket } from 'node:net';
import { Client } from 'pg';
import { redactUrl } from './database-url.ts';
import { reasonOf } from './reason-of.ts';

const CONNECTED_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 10_000;
const GOODBYE_WITHIN_MS = 500;

/** The server, or a pooler before it, took a connection or a question and was silent. */
export class SilentServerError extends Error {
  override readonly name = 'SilentServerError';
}

/**
 * Connects (at most 10 s), does the work, closes the connection.
 * @param answerWithinMs how long the answer to each question may take, and connecting, if that is less than 10 s.
 * @throws SilentServerError that names the server when it takes longer; whatever connecting or the work throws otherwise.
 */
export async function withClient<T>(
  url: string,
  work: (client: Client) => Promise<T>,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<T> {
  const connectedWithinMs = Math.min(CONNECTED_WITHIN_MS, answerWithinMs);
  // Ours, so that it can be cut: the driver's own goodbye waits for a server that may be gone.
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: connectedWithinMs,
    query_timeout: answerWithinMs,
    stream: () => socket,
  });
  client.on('error', () => undefined); // A broken connection also rejects the query that runs on it.
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    const silence = silenceIn(error, { connectedWithinMs, answerWithinMs });
    if (silence === undefined) throw error;
    throw new SilentServerError(`Cannot use the database ${redactUrl(url)}: ${silence}`, { cause: error });
  } finally {
    await end(client, socket);
  }
}

type Limits = { connectedWithinMs: number; answerWithinMs: number };

/** In words, when the error is the driver's for a server that is silent. */
function silenceIn(error: unknown, limits: Limits): string | undefined {
  switch (reasonOf(error)) {
    case 'timeout expired':
      return `it did not let us in within ${limits.connectedWithinMs / 1000} s`;
    case 'Query read timeout':
      return `it let us in, and then gave no answer within ${limits.answerWithinMs / 1000} s`;
    default:
      return undefined;
  }
}

async function end(client: Client, socket: Socket): Promise<void> {
  const cut = setTimeout(() => socket.destroy(), GOODBYE_WITHIN_MS);
  await client.end();
  clearTimeout(cut);
}
