import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';

export type CaughtUp = {
  /** Something was not heard: sockets are told what they may have missed, again and again until that has worked. */
  fellBehind: () => void;
  stop: () => void;
};

export type CatchUpOptions = {
  /** Tells sockets what they may have missed up to the moment at which it is called. */
  catchUp: () => Promise<void>;
  log: Log;
  firstPauseMs?: number;
  longestPauseMs?: number;
};

/**
 * Who listens again may not be able to ask yet what was missed: a network that has swallowed one connection has
 * swallowed those of the pool as well, and each is found out by a question of its own.
 */
export function stayCaughtUp(options: CatchUpOptions): CaughtUp {
  const { catchUp, log, firstPauseMs = 250, longestPauseMs = 5_000 } = options;
  const end = new AbortController();
  let gaps = 0;
  let gapsToldOf = 0;
  let isAtWork = false;
  const isBehind = (): boolean => gapsToldOf < gaps && !end.signal.aborted;

  /** @returns whether it has worked. */
  const tryOnce = async (): Promise<boolean> => {
    const gapsSeen = gaps;
    try {
      await catchUp();
      gapsToldOf = gapsSeen;
      return true;
    } catch (error) {
      log.warn({ err: error }, 'telling sockets what they may have missed failed: trying again');
      return false;
    }
  };
  const work = async (): Promise<void> => {
    let failures = 0;
    while (isBehind()) {
      if (await tryOnce()) continue;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
      failures += 1;
      await pause(pauseMs * (0.5 + Math.random() / 2), end.signal);
    }
    isAtWork = false;
  };
  return {
    fellBehind: () => {
      gaps += 1;
      if (isAtWork || end.signal.aborted) return;
      isAtWork = true;
      void work();
    },
    stop: () => end.abort(),
  };
}

/** Ends early, without an error, when there is nothing to wait for any more. */
async function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(pauseMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
