import {
  canonicalJson,
  TerminalError,
  type Clock,
  type EffectOutcome,
  type Json,
  type Progress,
  type Random,
} from '@crossfade/engine';
import { errorMessage } from './error-message.ts';
import { pause } from './pause.ts';
import { TargetAwayError } from './target/target-away-error.ts';

export interface EffectRetry {
  /** In a row, the first one included; without those that found the target away, or got further than all before. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** How long a target that is away is waited for, each time: to take a run back, it is needed as well. */
  readonly awayMs: number;
}

export const defaultEffectRetry: EffectRetry = { attempts: 6, baseMs: 200, capMs: 5_000, awayMs: 600_000 };

interface RetryOptions {
  readonly retry: EffectRetry;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onFailedAttempt: (attempt: number, message: string) => void;
  /** How far the work has come by now. */
  readonly progress: () => Progress | null;
}

/**
 * Performs an effect until it succeeds, fails for good (TerminalError), or has failed too often in a row; a target that is away
 * is waited for instead, and an attempt that got further than all before it begins a new row: work of days meets more accidents
 * than work of minutes. Between attempts it waits exponentially longer, with jitter. Undefined: aborted, so that nothing may be
 * said about how it went.
 */
export async function performWithRetries(
  perform: () => Promise<Json>,
  { retry, clock, random, signal, onFailedAttempt, progress }: RetryOptions,
): Promise<EffectOutcome | undefined> {
  let activeMs = 0;
  let [inRow, failures] = [0, 0];
  const gotFurther = watchProgress(progress);
  let awaySinceMs: number | null = null;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const startedAtMs = clock.elapsedMs();
    const tried = await attemptOnce(perform);
    activeMs += clock.elapsedMs() - startedAtMs;
    if (signal.aborted) return undefined;
    const spent = { activeMs: Math.round(activeMs), attempts: attempt };
    if (tried.ok) return { status: 'succeeded', result: tried.result, ...spent };
    onFailedAttempt(attempt, tried.error);
    if (tried.final) return { status: 'failed', error: tried.error, ...spent };
    inRow += 1;
    if (gotFurther()) [inRow, failures] = [1, 0];
    awaySinceMs = tried.away ? (awaySinceMs ?? startedAtMs) : null;
    if (awaySinceMs === null || clock.elapsedMs() - awaySinceMs >= retry.awayMs) failures += 1;
    if (failures >= retry.attempts) {
      return { status: 'failed', error: `${tried.error} (given up after ${attempt} attempts)`, ...spent };
    }
    await pause(clock, backOffMs(retry, inRow, random), signal);
  }
  return undefined;
}

/** Whether more is done, in any unit, than when it was asked before. Bounded, since there is only so much to do. */
function watchProgress(progress: () => Progress | null): () => boolean {
  const furthest = new Map<string, number>();
  return () => {
    const now = progress();
    if (!now || now.done <= (furthest.get(now.unit) ?? 0)) return false;
    furthest.set(now.unit, now.done);
    return true;
  };
}

type Attempt =
  | { readonly ok: true; readonly result: Json }
  | { readonly ok: false; readonly error: string; readonly final: boolean; readonly away: boolean };

async function attemptOnce(perform: () => Promise<Json>): Promise<Attempt> {
  try {
    const result = await perform();
    canonicalJson(result); // What the journal cannot hold must not get as far as the journal.
    return { ok: true, result };
  } catch (error) {
    const final = error instanceof TerminalError;
    return { ok: false, error: errorMessage(error), final, away: error instanceof TargetAwayError };
  }
}

/** Between half and the whole of base · 2^(attempt − 1), at most the cap: two who failed together do not meet again. */
function backOffMs({ baseMs, capMs }: EffectRetry, attempt: number, random: Random): number {
  return Math.min(capMs, baseMs * 2 ** (attempt - 1)) * (0.5 + random.next() / 2);
}
