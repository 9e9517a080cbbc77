import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inSlices } from './in-slices.ts';

const items = [1, 2, 3, 4, 5];

/** Resolves when nothing is waiting, with how many turns that took. */
async function turnsUntil(isDone: () => boolean): Promise<number> {
  let turns = 0;
  while (!isDone()) {
    if (turns > 100) throw new Error('it is not done after a hundred turns');
    turns += 1;
    await nextTurn();
  }
  return turns;
}

describe('work in slices', () => {
  it('begins at once, and leaves turns to others in between', async () => {
    const done: number[] = [];
    const slices = inSlices<number>(2);
    slices.begin(items, (item) => done.push(item));
    expect(done).toEqual([1, 2]);
    expect(await turnsUntil(() => done.length === items.length)).toBeGreaterThanOrEqual(2);
    expect(done).toEqual(items);
    expect(items.some(slices.isWaiting)).toBe(false);
  });

  it('does the newer thing for whoever waits, in the old order, and both for whoever had the first', async () => {
    const done: string[] = [];
    const slices = inSlices<number>(2);
    slices.begin(items, (item) => done.push(`old ${item}`));
    slices.begin(items, (item) => done.push(`new ${item}`));
    await turnsUntil(() => !items.some(slices.isWaiting));
    expect(done).toEqual(['old 1', 'old 2', 'new 3', 'new 4', 'new 5', 'new 1', 'new 2']);
  });

  it('does nothing for whoever has left', async () => {
    const done: number[] = [];
    const slices = inSlices<number>(2);
    slices.begin(items, (item) => done.push(item));
    slices.forget(4);
    await turnsUntil(() => !items.some(slices.isWaiting));
    expect(done).toEqual([1, 2, 3, 5]);
  });
});
