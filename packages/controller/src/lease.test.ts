import type { Clock, ControlStore, LeaseAnswer } from '@crossfade/engine';
import { createMemoryStore } from '@crossfade/store';
import { expect, test, vi } from 'vitest';
import { takeLease } from './lease.ts';
import { systemClock } from './system-ports.ts';

/** Time that passes at once. */
const hastyClock: Clock = {
  ...systemClock,
  sleep: async (_durationMs, signal) => await systemClock.sleep(1, signal),
};

/** Stops asking while the question is open; what the store then still says is up to the test. */
async function stoppedWhileAsking() {
  const answer = Promise.withResolvers<LeaseAnswer>();
  const releaseLease = vi.fn<ControlStore['releaseLease']>(async () => undefined);
  const stopping = new AbortController();
  const store = { ...createMemoryStore(), takeLease: async () => await answer.promise, releaseLease };
  const taken = takeLease({
    store,
    clock: hastyClock,
    holder: 'controller-1',
    ttlMs: 60_000,
    signal: stopping.signal,
    onHeld: () => undefined,
    onProblem: () => undefined,
  });
  stopping.abort();
  expect(await taken).toBeUndefined();
  return { answer, releaseLease };
}

test('a lease that is granted to somebody who has left is given back', async () => {
  const { answer, releaseLease } = await stoppedWhileAsking();
  expect(releaseLease).not.toHaveBeenCalled();
  answer.resolve({ status: 'taken', token: 7 });
  await vi.waitFor(() => expect(releaseLease).toHaveBeenCalledWith(7));
});

test.each<[string, (answer: PromiseWithResolvers<LeaseAnswer>) => void]>([
  ['held by another', ({ resolve }) => resolve({ status: 'held', holder: 'other', expiresInMs: 100 })],
  ['out of reach', ({ reject }) => reject(new Error('connection reset'))],
])('a lease that turns out to be %s is not given back', async (_what, say) => {
  const { answer, releaseLease } = await stoppedWhileAsking();
  say(answer);
  await new Promise((resolve) => setImmediate(resolve));
  expect(releaseLease).not.toHaveBeenCalled();
});
