import type { Clock } from '@crossfade/engine';
import { pause } from './pause.ts';

/** Sleep that can be cut short. A wake that comes while nobody sleeps ends the next sleep at once: none is lost. */
export interface Waker {
  readonly wake: () => void;
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
}

export function createWaker(clock: Clock): Waker {
  let alarm = new AbortController();
  return {
    wake: () => alarm.abort(),
    async sleep(durationMs, signal) {
      const cut = AbortSignal.any([alarm.signal, signal]);
      await pause(clock, durationMs, cut);
      if (alarm.signal.aborted) alarm = new AbortController();
    },
  };
}
