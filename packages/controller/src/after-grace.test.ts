import { once } from 'node:events';
import type { Clock } from '@crossfade/engine';
import { expect, test } from 'vitest';
import { afterGrace } from './after-grace.ts';

/** Sleeps until the test says so. */
function heldClock() {
  const slept: number[] = [];
  const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
  const clock: Clock = {
    elapsedMs: () => 0,
    sleep: async (durationMs) => {
      slept.push(durationMs);
      await woken;
    },
  };
  return { clock, slept, wake };
}

test.each([
  ['that is aborted later', false],
  ['that is aborted already', true],
])('follows a signal %s, when the grace is over', async (_when, already) => {
  const { clock, slept, wake } = heldClock();
  const stopping = new AbortController();
  if (already) stopping.abort();
  const grace = afterGrace(clock, stopping.signal, 500);
  stopping.abort();
  expect(slept).toEqual([500]);
  expect(grace.signal.aborted).toBe(false);
  const followed = once(grace.signal, 'abort');
  wake();
  await followed;
});

test('follows nothing any more when it is cancelled', async () => {
  const { clock, slept, wake } = heldClock();
  const stopping = new AbortController();
  const grace = afterGrace(clock, stopping.signal, 500);
  stopping.abort();
  grace.cancel();
  wake();
  await new Promise((resolve) => setImmediate(resolve));
  expect(grace.signal.aborted).toBe(false);
  const later = new AbortController();
  afterGrace(clock, later.signal, 500).cancel();
  later.abort();
  expect(slept).toEqual([500]);
});
