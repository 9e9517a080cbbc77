import type { Clock } from '@crossfade/engine';

/** Sleeps, or returns early when aborted: for loops that look at their signal themselves. */
export async function pause(clock: Clock, durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(Math.max(0, durationMs), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
