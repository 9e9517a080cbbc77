import { expect, it } from 'vitest';
import { describeLockHolders, type LockHolder } from './lock-holders.ts';

function holder(pid: number | null): LockHolder {
  return { pid, who: 'parley for app', what: 'messages', state: 'active', transactionAgeMs: 12_340 };
}

it('says who holds what, and for how long', () => {
  expect(describeLockHolders([holder(4711)])).toBe(
    'held on messages by parley for app (process 4711, active, open for 12.3 s)',
  );
});

it('knows that a prepared transaction has no process', () => {
  expect(describeLockHolders([{ ...holder(null), state: 'prepared' }])).toBe(
    'held on messages by parley for app (prepared, open for 12.3 s)',
  );
});

it('names five at most and counts the others', () => {
  const text = describeLockHolders(Array.from({ length: 8 }, (_, index) => holder(index + 1)));
  expect(text.match(/process \d/g)).toHaveLength(5);
  expect(text).toMatch(/ and 3 more$/);
});

it('says so when nobody was seen', () => {
  expect(describeLockHolders([])).toContain('nobody was seen to hold it');
});
