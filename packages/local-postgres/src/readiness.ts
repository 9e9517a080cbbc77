import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

/** What a starting server, or none yet, answers: refused, reset, timed out, "the database system is starting up". */
const NOT_YET = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', '57P03']);

/**
 * Waits until a connection to our own server works.
 * @returns `ready`, or `ended` as soon as `hasEnded()` says that the server is gone.
 * @throws Error when it takes longer than `timeoutMs`; the message holds the last answer.
 */
export async function waitUntilReady(options: {
  url: string;
  dataDirectory: string;
  hasEnded: () => boolean;
  timeoutMs: number;
}): Promise<'ready' | 'ended'> {
  const until = performance.now() + options.timeoutMs;
  let lastAnswer = 'no answer';
  while (performance.now() < until) {
    if (options.hasEnded()) return 'ended';
    try {
      if (await answersAsOurs(options.url, options.dataDirectory)) return 'ready';
      lastAnswer = 'another server listens on the port';
    } catch (error) {
      lastAnswer = error instanceof Error ? error.message : String(error);
      if (!isPassing(error) && (await endsWithin(options.hasEnded, 2000))) return 'ended';
      if (!isPassing(error)) throw error;
    }
    await delay(50);
  }
  throw new Error(`no connection within ${options.timeoutMs / 1000} s, last answer: ${lastAnswer}`);
}

/** The port may have been taken by another server in the meantime: only one on our data directory is ours. */
async function answersAsOurs(url: string, dataDirectory: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined); // Reported through connect() or query() as well.
  try {
    await client.connect();
    const { rows } = await client.query<{ directory: string }>(
      `select current_setting('data_directory') as directory`,
    );
    const served = rows[0]?.directory ?? '';
    return served === dataDirectory || served === (await realpath(dataDirectory));
  } finally {
    await client.end();
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && NOT_YET.has(String(error.code))) || /timeout|terminated/i.test(error.message);
}

/** A foreign server on our port refuses our password; ours then ends within moments, as it cannot bind. */
async function endsWithin(hasEnded: () => boolean, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (!hasEnded() && performance.now() < until) await delay(20);
  return hasEnded();
}
