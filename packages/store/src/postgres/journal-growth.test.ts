import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { createJournalGrowth } from './journal-growth.ts';

test('who stops and begins to listen again at once is looked after once', async () => {
  const head = Promise.withResolvers<number>();
  const readHeadSeq = vi.fn<() => Promise<number>>(async () => await head.promise);
  const problems: Error[] = [];
  const growth = createJournalGrowth({
    readHeadSeq,
    settings: { connectionString: 'postgresql://nobody@127.0.0.1:1/none' },
    onProblem: (error) => problems.push(error),
  });
  growth.subscribe(() => undefined)();
  let heard = 0;
  growth.subscribe(() => (heard += 1));
  await eventually(() => problems.length).toBe(1); // Nobody listens there; the look at the head comes next.
  await turn();
  expect(readHeadSeq).toHaveBeenCalledTimes(1);

  head.resolve(7);
  await eventually(() => heard).toBe(1);
  await growth.stop();
});
