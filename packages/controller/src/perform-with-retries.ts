import {
  canonicalJson,
  TerminalError,
  type Clock,
  type EffectOutcome,
  type Json,
  type Random,
} from '@crossfade/engine';
import { errorMessage } from './error-message.ts';
import { pause } from './pause.ts';

export interface EffectRetry {
  /** In all, the first one included. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
}

export const defaultEffectRetry: EffectRetry = { attempts: 6, baseMs: 200, capMs: 5_000 };

interface RetryOptions {
  readonly retry: EffectRetry;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onFailedAttempt: (attempt: number, message: string) => void;
}

/**
 * Performs an effect until it succeeds, fails for good (TerminalError), or has failed too often. Between attempts it waits
 * exponentially longer, with jitter. Undefined: aborted, so that nothing may be said about how it went.
 */
export async function performWithRetries(
  perform: () => Promise<Json>,
  { retry, clock, random, signal, onFailedAttempt }: RetryOptions,
): Promise<EffectOutcome | undefined> {
  let activeMs = 0;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const startedAtMs = clock.elapsedMs();
    const tried = await attemptOnce(perform);
    activeMs += clock.elapsedMs() - startedAtMs;
    if (signal.aborted) return undefined;
    const spent = { activeMs: Math.round(activeMs), attempts: attempt };
    if (tried.ok) return { status: 'succeeded', result: tried.result, ...spent };
    onFailedAttempt(attempt, tried.error);
    if (tried.final) return { status: 'failed', error: tried.error, ...spent };
    if (attempt >= retry.attempts) {
      return { status: 'failed', error: `${tried.error} (given up after ${attempt} attempts)`, ...spent };
    }
    await pause(clock, backOffMs(retry, attempt, random), signal);
  }
  return undefined;
}

type Attempt =
  | { readonly ok: true; readonly result: Json }
  | { readonly ok: false; readonly error: string; readonly final: boolean };

async function attemptOnce(perform: () => Promise<Json>): Promise<Attempt> {
  try {
    const result = await perform();
    canonicalJson(result); // What the journal cannot hold must not get as far as the journal.
    return { ok: true, result };
  } catch (error) {
    return { ok: false, error: errorMessage(error), final: error instanceof TerminalError };
  }
}

/** Between half and the whole of base · 2^(attempt − 1), at most the cap: two who failed together do not meet again. */
function backOffMs({ baseMs, capMs }: EffectRetry, attempt: number, random: Random): number {
  return Math.min(capMs, baseMs * 2 ** (attempt - 1)) * (0.5 + random.next() / 2);
}
