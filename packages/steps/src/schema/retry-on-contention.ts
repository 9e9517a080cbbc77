import { TerminalError } from '@crossfade/engine';
import { describeDurationMs } from '@crossfade/plan';
import {
  describeLockHolders,
  findLockHolders,
  type LockHolder,
  type LockNeed,
} from '../target/lock-holders.ts';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import { countOf } from '../text.ts';
import { asGaveWay, type GaveWay } from './gave-way.ts';
import type { SchemaWork } from './schema-work.ts';

const firstPauseMs = 50;
const longestPauseMs = 2_000;
const pollMs = 50;
const longestWaitMs = 5_000;
/**
 * Work that is too long for people to wait for is so every time, and each attempt more is one more standstill. A few are
 * made all the same, far apart: the server may have been out of breath.
 */
const mostOverruns = 4;
const pauseAfterOverrunMs = 1_000;

/**
 * Runs a change that needs locks, again and again while somebody is in its way, with growing pauses and jitter.
 * @throws TerminalError that names the holders, when the attempts are used up.
 */
export async function retryOnContention<T>(
  work: SchemaWork,
  need: LockNeed,
  change: () => Promise<T>,
): Promise<T> {
  const { context, config, connection } = work;
  const startedMs = context.clock.elapsedMs();
  let overruns = 0;
  let lastSeen: readonly LockHolder[] = [];
  for (let attempt = 1; ; attempt += 1) {
    context.signal.throwIfAborted();
    const waitedFor = need.concurrently ? [] : await waitForLongTransactions(work, need, attempt);
    if (waitedFor.length > 0) lastSeen = waitedFor;
    try {
      return await change();
    } catch (error) {
      const gaveWay = asGaveWay(error);
      if (!gaveWay) throw error;
      if (gaveWay.why === 'work') overruns += 1;
      if (overruns >= mostOverruns) throw tooLong(work, gaveWay);
      const holders = await findLockHolders(eachInTransaction(connection), need);
      if (holders.length > 0) lastSeen = holders;
      if (attempt >= config.attempts) {
        throw lockedOut(work, need, gaveWay, lastSeen, context.clock.elapsedMs() - startedMs);
      }
      report(work, attempt, `gave way; ${describeLockHolders(holders)}`);
    }
    const shortestMs = overruns > 0 ? pauseAfterOverrunMs * overruns : firstPauseMs;
    const pauseMs = Math.max(shortestMs, Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempt, 10)));
    await context.clock.sleep(pauseMs * (0.5 + context.random.next()), context.signal);
  }
}

/**
 * A transaction that is already older than our patience will outlast it: an attempt now would only make others queue.
 * Returns whom it has waited for in vain.
 */
async function waitForLongTransactions(
  work: SchemaWork,
  need: LockNeed,
  attempt: number,
): Promise<readonly LockHolder[]> {
  const { clock, signal } = work.context;
  const startedMs = clock.elapsedMs();
  for (;;) {
    const holders = await findLockHolders(eachInTransaction(work.connection), need);
    const old = holders.filter(({ transactionAgeMs }) => transactionAgeMs > need.lockTimeoutMs);
    if (old.length === 0 || clock.elapsedMs() - startedMs >= longestWaitMs) return old;
    report(work, attempt, `waits for a good moment; ${describeLockHolders(old)}`);
    await clock.sleep(pollMs, signal);
  }
}

function report({ context, config }: SchemaWork, attempt: number, note: string): void {
  context.report({ done: attempt, total: config.attempts, unit: 'attempts', note });
}

function lockedOut(
  { config }: SchemaWork,
  { lockTimeoutMs }: LockNeed,
  { line, message }: GaveWay,
  seen: readonly LockHolder[],
  tookMs: number,
): TerminalError {
  const backends = seen.flatMap(({ pid }) => (pid === null ? [] : [pid]));
  const remedy =
    backends.length > 0
      ? ` What should not be open any more can be ended with: select pg_terminate_backend(${backends[0]})`
      : '';
  return new TerminalError(
    `${placeOf(config.file, line)}: no lock in ${countOf(config.attempts, 'attempt')} of ${lockTimeoutMs} ms over ` +
      `${describeDurationMs(tookMs)} (${message}); ${describeLockHolders(seen)}.${remedy}`,
  );
}

function tooLong({ config }: SchemaWork, { line, message }: GaveWay): TerminalError {
  return new TerminalError(
    `${placeOf(config.file, line)}: was not done when it had kept others out for as long as it may ` +
      `(lock_timeout ${config.lock_timeout} ms and hold_timeout ${config.hold_timeout} ms), ${mostOverruns} times; each time ` +
      `it was rolled back (${message}). Split it into parts that keep nobody out (CONCURRENTLY, NOT VALID and VALIDATE, a ` +
      `backfill), or set hold_timeout to what people can wait`,
  );
}

function placeOf(file: string, line: number | null): string {
  return line === null ? file : `${file}:${line}`;
}
