import { expect, test } from 'vitest';
import { createPauses } from './create-pauses.ts';

test('others have their turn after so many records, and after one that took long', async () => {
  let nowMs = 0;
  const pause = createPauses(undefined, { recordsAtOnce: 3, now: () => nowMs });
  let turns = 0;
  const others = (): void => {
    turns += 1;
    if (turns < 100) setImmediate(others);
  };
  setImmediate(others);
  const turnsAfter: number[] = [];
  for (const tookMs of [0, 0, 0, 1, 1, 20, 1, 18, 1, 19]) {
    nowMs += tookMs;
    await pause();
    turnsAfter.push(turns);
  }
  expect(turnsAfter).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3, 3]);
});

test('a signal that comes in between ends the work', async () => {
  const stop = new AbortController();
  const pause = createPauses(stop.signal, { recordsAtOnce: 2, now: () => 0 });
  setImmediate(() => stop.abort(new Error('enough')));
  await pause();
  await expect(pause()).rejects.toThrow('enough');
});
