import { expect, it } from 'vitest';
import { HoldLimit } from './hold-limit.ts';

const settings = { lock_timeout: 100, hold_timeout: 500, statement_timeout: 60_000 };

it('is one deadline for all statements together, from the first that keeps others out', () => {
  let nowMs = 0;
  const limit = new HoldLimit({ elapsedMs: () => nowMs, sleep: () => Promise.resolve() }, settings);
  nowMs = 5_000;
  expect(limit.next(false)).toEqual({ lockTimeoutMs: 100, statementTimeoutMs: 60_000 });
  expect(limit.isHolding).toBe(false);
  nowMs = 9_000;
  expect(limit.next(true)).toEqual({ lockTimeoutMs: 100, statementTimeoutMs: 600 });
  nowMs = 9_070;
  expect(limit.next(true)).toEqual({ lockTimeoutMs: 30, statementTimeoutMs: 530 });
  nowMs = 9_300;
  expect(limit.next(false)).toEqual({ lockTimeoutMs: 1, statementTimeoutMs: 300 });
  nowMs = 12_000;
  // Never 0: that would be no limit at all.
  expect(limit.next(true)).toEqual({ lockTimeoutMs: 1, statementTimeoutMs: 1 });
  expect(limit.isHolding).toBe(true);
});
