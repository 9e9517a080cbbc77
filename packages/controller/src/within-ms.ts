import type { Clock } from '@crossfade/engine';
import { pause } from './pause.ts';

export const late: unique symbol = Symbol('late');

/** The work's result, or `late` when it takes longer. Late work goes on unobserved; an error it still ends in is its own. */
export async function withinMs<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T | typeof late> {
  const settled = new AbortController();
  const alarm = pause(clock, limitMs, settled.signal).then((): typeof late => late);
  try {
    return await Promise.race([work, alarm]);
  } finally {
    settled.abort();
  }
}
