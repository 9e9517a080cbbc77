import { expect, test } from 'vitest';
import { backOffMs } from './back-off.ts';

test('waits twice as long after each failure, up to ten seconds', () => {
  const longest = (failures: number): number => backOffMs(failures, () => 1);
  expect([0, 1, 2, 3, 8, 50, 5_000].map(longest)).toEqual([100, 100, 200, 400, 10_000, 10_000, 10_000]);
});

test('a random half keeps processes apart', () => {
  expect(backOffMs(2, () => 0)).toBe(100);
  expect(backOffMs(2, () => 0.5)).toBe(150);
});
