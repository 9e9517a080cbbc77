import type { Clock } from '@crossfade/engine';
import { pause } from './pause.ts';

export interface Grace {
  /** Aborted so long after the other signal was. */
  readonly signal: AbortSignal;
  /** Forgets about it, when the work has ended before. */
  readonly cancel: () => void;
}

/** A signal that follows another after a while: what is under way may come to its end, and what hangs may not hold us up. */
export function afterGrace(clock: Clock, signal: AbortSignal, graceMs: number): Grace {
  const over = new AbortController();
  const cancelled = new AbortController();
  const begin = async (): Promise<void> => {
    await pause(clock, graceMs, cancelled.signal);
    if (!cancelled.signal.aborted) over.abort();
  };
  const onAbort = () => void begin();
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: over.signal,
    cancel: () => {
      signal.removeEventListener('abort', onAbort);
      cancelled.abort();
    },
  };
}
