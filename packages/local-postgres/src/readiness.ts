import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { hasCode } from './binaries.ts';
import { reasonOf } from './reason-of.ts';
import { SilentServerError, withClient } from './with-client.ts';

/** What a starting server, or none yet, answers: refused, reset, timed out, "the database system is starting up". */
const NOT_YET = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', '57P03'];
/** It lives, and repeats what was not yet in its files when it ended; stopped meanwhile, it would begin that anew. */
const RECOVERING = '57P03';
const RECOVERED_WITHIN_MS = 600_000;
const TOLD_AFTER_MS = 10_000;
/** For each attempt: whoever has taken our port must not keep us from asking again. */
const ANSWER_WITHIN_MS = 2000;

/**
 * Waits until a connection to our own server works.
 * @returns `ready`, or `ended` as soon as `hasEnded()` says that the server is gone.
 * @throws Error when it takes longer than `timeoutMs`, counted anew as long as it recovers from a crash, or than ten minutes in
 *   all; the message holds the last answer.
 */
export async function waitUntilReady(options: {
  url: string;
  dataDirectory: string;
  hasEnded: () => boolean;
  timeoutMs: number;
  /** Told once, when it recovers and that takes long. */
  log: (line: string) => void;
}): Promise<'ready' | 'ended'> {
  const patience = new Patience(options.timeoutMs, options.log);
  let lastAnswer = 'no answer';
  while (!patience.isOver()) {
    if (options.hasEnded()) return 'ended';
    try {
      if (await answersAsOurs(options.url, options.dataDirectory)) return 'ready';
      lastAnswer = 'another server listens on the port';
    } catch (error) {
      lastAnswer = reasonOf(error);
      if (hasCode(error, RECOVERING)) patience.renew();
      if (!isPassing(error) && (await endsWithin(options.hasEnded, 2000))) return 'ended';
      if (!isPassing(error)) throw error;
    }
    await delay(50);
  }
  throw new Error(`no connection within ${patience.limitS} s, last answer: ${lastAnswer}`);
}

/** How long a server is waited for. */
class Patience {
  readonly #timeoutMs: number;
  readonly #log: (line: string) => void;
  readonly #sinceMs = performance.now();
  #limitMs: number;
  #told = false;

  constructor(timeoutMs: number, log: (line: string) => void) {
    this.#timeoutMs = timeoutMs;
    this.#limitMs = timeoutMs;
    this.#log = log;
  }

  /** From the beginning, to a tenth of a second. */
  get limitS(): number {
    return Math.round(this.#limitMs / 100) / 10;
  }

  isOver(): boolean {
    return this.#waitedMs() >= this.#limitMs;
  }

  /** The server recovers. */
  renew(): void {
    const waitedMs = this.#waitedMs();
    this.#limitMs = Math.min(waitedMs + this.#timeoutMs, RECOVERED_WITHIN_MS);
    if (this.#told || waitedMs < TOLD_AFTER_MS) return;
    this.#told = true;
    const minutes = RECOVERED_WITHIN_MS / 60_000;
    this.#log(
      `Postgres recovers what a crash left, which takes a while: waiting for up to ${minutes} minutes.`,
    );
  }

  #waitedMs(): number {
    return performance.now() - this.#sinceMs;
  }
}

/** The port may have been taken by another server in the meantime: only one on our data directory is ours. */
async function answersAsOurs(url: string, dataDirectory: string): Promise<boolean> {
  const served = await withClient(url, askForDirectory, ANSWER_WITHIN_MS);
  return served === dataDirectory || served === (await realpath(dataDirectory));
}

async function askForDirectory(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ directory: string }>(
    `select current_setting('data_directory') as directory`,
  );
  return rows[0]?.directory;
}

function isPassing(error: unknown): boolean {
  if (error instanceof SilentServerError) return true;
  return NOT_YET.some((code) => hasCode(error, code)) || /terminated/i.test(reasonOf(error));
}

/** A foreign server on our port refuses our password; ours then ends within moments, as it cannot bind. */
async function endsWithin(hasEnded: () => boolean, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (!hasEnded() && performance.now() < until) await delay(20);
  return hasEnded();
}
