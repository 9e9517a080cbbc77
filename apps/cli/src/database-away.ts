import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import { awayText } from './error-text.ts';

/** Of a server that starts or stops, has no connection left, or lost this one. */
const passing = /^(57P0[1235]|53300|08...)$/;
const lostOnTheWay: readonly unknown[] = ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'];
const saidByTheClient =
  /^(timeout exceeded when trying to connect|timeout expired|Query read timeout|Connection terminated|Client has encountered a connection error|the connection was lost during COMMIT)/;

/** Whether an error says that the database cannot be reached just now, as in a restart or a fail-over; it usually comes back. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseError) return passing.test(error.code ?? '');
  // A host of several addresses was tried at each.
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  if (!(error instanceof Error)) return false;
  const { code, syscall }: NodeJS.ErrnoException = error;
  if (syscall === 'connect' || syscall === 'getaddrinfo' || lostOnTheWay.includes(code)) return true;
  return saidByTheClient.test(error.message);
}

export interface Wait {
  readonly databaseUrl: string;
  /** Told what is waited for, a line each time that it is something else, and when that is over. */
  readonly tell: (line: string) => void;
  /** Aborted: wait no longer. */
  readonly signal: AbortSignal;
  /** Default: ten minutes, as long as a controller waits for the database that it works on. */
  readonly limitMs?: number;
}

const defaultLimitMs = 600_000;
const pauseMs = 500;

/**
 * Does the work, and again for as long as the database is away: it must be such that twice does no harm. 'stopped': the signal
 * was aborted, and how far the work has come is unknown.
 * @throws Error that names the database and what to do, when the limit has passed; whatever else the work throws, at once.
 */
export async function whenDatabaseAnswers<T>(work: () => Promise<T>, wait: Wait): Promise<T | 'stopped'> {
  const { databaseUrl, tell, signal, limitMs = defaultLimitMs } = wait;
  const untilMs = performance.now() + limitMs;
  const minutes = Math.ceil(limitMs / 60_000);
  let told = '';
  while (!signal.aborted) {
    try {
      const value = await work();
      if (told !== '') tell('✔ The database is back.');
      return value;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      const away = awayText(databaseUrl, error);
      if (performance.now() >= untilMs) throw new DatabaseAwayError(databaseUrl, error);
      if (away !== told && !signal.aborted) tell(`! ${away}. Waiting for it, ${minutes} minutes at most.`);
      told = away;
    }
    await pause(signal);
  }
  return 'stopped';
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(pauseMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A command ends for it: which database it is, and what to do. */
export class DatabaseAwayError extends Error {
  override readonly name = 'DatabaseAwayError';

  constructor(databaseUrl: string, cause: unknown) {
    super(
      `${awayText(databaseUrl, cause)}. Start it, or wait for it ("crossfade doctor" looks at it); then run the same command again`,
      { cause },
    );
  }
}
