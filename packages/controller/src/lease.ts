import type { Clock, ControlStore, LeaseAnswer } from '@crossfade/engine';
import { afterGrace } from './after-grace.ts';
import { errorMessage } from './error-message.ts';
import { heed, NotWaitedFor } from './heed.ts';
import { pause } from './pause.ts';
import { late, withinMs } from './within-ms.ts';

/** A lease that is held, and renewed until it is lost or given back. */
export interface Lease {
  readonly token: number;
  /** Aborted as soon as another may lead: everything under this token must end. */
  readonly lost: AbortSignal;
  /** Gives it back, so that a successor need not wait for its end. Never fails: a lease that is not given back runs out. */
  readonly release: () => Promise<void>;
  /** Renews it no more: what is still at work under it has its time to end before another one may lead. */
  readonly letRunOut: () => void;
}

export interface LeaseOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly holder: string;
  readonly ttlMs: number;
  readonly signal: AbortSignal;
  readonly onHeld: (holder: string, expiresInMs: number) => void;
  readonly onProblem: (problem: string) => void;
}

const shortestPauseMs = 20;
const longestPauseMs = 500;
/** The first for an answer that may be about to come, the second for a lease to be given back. */
const askGraceMs = 500;
const releaseLimitMs = 750;

/** Asks until the lease is free; undefined when stopped before. An unreachable store is waited for. */
export async function takeLease(options: LeaseOptions): Promise<Lease | undefined> {
  const grace = afterGrace(options.clock, options.signal, askGraceMs);
  try {
    return await askUntilTaken(options, grace.signal);
  } finally {
    grace.cancel();
  }
}

async function askUntilTaken(options: LeaseOptions, givenUp: AbortSignal): Promise<Lease | undefined> {
  const { store, clock, holder, ttlMs, signal } = options;
  while (!signal.aborted) {
    let pauseMs = longestPauseMs;
    try {
      const askedAtMs = clock.elapsedMs();
      const asked = store.takeLease({ holder, ttlMs });
      const answer = await heed(givenUp, 'stopped', async () => await asked).catch((error: unknown) => {
        if (error instanceof NotWaitedFor) void returnWhenTaken(options, asked);
        throw error;
      });
      if (answer.status === 'taken') return keepLease(options, answer.token, askedAtMs);
      options.onHeld(answer.holder, answer.expiresInMs);
      pauseMs = Math.max(shortestPauseMs, Math.min(longestPauseMs, answer.expiresInMs));
    } catch (error) {
      if (signal.aborted) return undefined;
      options.onProblem(`the lease could not be asked for: ${errorMessage(error)}`);
    }
    await pause(clock, pauseMs, signal);
  }
  return undefined;
}

/** Nobody is there any more to lead under a lease that is granted only now. */
async function returnWhenTaken(options: LeaseOptions, asked: Promise<LeaseAnswer>): Promise<void> {
  const answer = await asked.catch(() => undefined); // Not granted: nothing to give back.
  if (answer?.status === 'taken') await giveBack(options, answer.token);
}

function keepLease(options: LeaseOptions, token: number, takenAtMs: number): Lease {
  const lost = new AbortController();
  const stopped = new AbortController();
  void renewUntil(options, token, takenAtMs, stopped.signal, lost);
  return {
    token,
    lost: lost.signal,
    async release() {
      stopped.abort();
      // A renewal under way is not waited for: it renews nothing that has been given back.
      if (!lost.signal.aborted) await giveBack(options, token);
    },
    letRunOut: () => stopped.abort(),
  };
}

/**
 * Renews every third of the time to live. A store that cannot be reached is asked again until the lease has run out by our
 * own clock, counted from before the last good renewal was sent: never later than the database thinks.
 */
async function renewUntil(
  { store, clock, ttlMs, onProblem }: LeaseOptions,
  token: number,
  takenAtMs: number,
  stopped: AbortSignal,
  lost: AbortController,
): Promise<void> {
  let goodUntilMs = takenAtMs + ttlMs;
  let pauseMs = ttlMs / 3;
  for (;;) {
    await pause(clock, Math.min(pauseMs, goodUntilMs - clock.elapsedMs()), stopped);
    if (stopped.aborted) return;
    const askedAtMs = clock.elapsedMs();
    if (askedAtMs >= goodUntilMs) return lost.abort();
    const renewal = await renewOnce();
    if (renewal === false) return lost.abort();
    if (renewal === true) goodUntilMs = askedAtMs + ttlMs;
    pauseMs = renewal === true ? ttlMs / 3 : ttlMs / 20;
  }

  async function renewOnce(): Promise<boolean | 'unknown'> {
    try {
      // A third of the time: if this connection is dead, another one still has a chance before the lease is over.
      const limitMs = Math.min(ttlMs / 3, goodUntilMs - clock.elapsedMs());
      const answer = await withinMs(clock, limitMs, store.renewLease(token, ttlMs));
      if (answer !== late) return answer;
      if (!stopped.aborted)
        onProblem(`the lease could not be renewed: no answer within ${Math.round(limitMs)} ms`);
      return 'unknown';
    } catch (error) {
      if (!stopped.aborted) onProblem(`the lease could not be renewed: ${errorMessage(error)}`);
      return 'unknown';
    }
  }
}

async function giveBack({ store, clock, onProblem }: LeaseOptions, token: number): Promise<void> {
  const problem = (reason: string) =>
    onProblem(`the lease could not be given back and runs out by itself: ${reason}`);
  try {
    const answer = await withinMs(clock, releaseLimitMs, store.releaseLease(token));
    if (answer === late) problem(`no answer within ${releaseLimitMs} ms`);
  } catch (error) {
    problem(errorMessage(error));
  }
}
