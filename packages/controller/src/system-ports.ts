import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Random } from '@crossfade/engine';

/** `sleep` rejects with an AbortError when its signal is aborted. */
export const systemClock: Clock = {
  elapsedMs: () => performance.now(),
  sleep: async (durationMs, signal) => {
    await sleep(Math.max(0, durationMs), undefined, { signal });
  },
};

export const systemRandom: Random = { next: Math.random };
