import { describe, expect, it } from 'vitest';
import { serverOffsetMs } from './clock.ts';

describe('serverOffsetMs', () => {
  it('takes half the round trip off', () => {
    expect(serverOffsetMs([{ sentMs: 1000, receivedMs: 1100, serverMs: 6050 }])).toBe(5000);
  });

  it('is not led astray by slow answers', () => {
    const quick = [1, 2, 3].map((n) => ({
      sentMs: n * 1000,
      receivedMs: n * 1000 + 10,
      serverMs: n * 1000 + 5,
    }));
    const slow = [4, 5].map((n) => ({
      sentMs: n * 1000,
      receivedMs: n * 1000 + 900,
      serverMs: n * 1000 + 880,
    }));
    expect(serverOffsetMs([...slow, ...quick])).toBe(0);
  });

  it('refuses to guess', () => {
    expect(() => serverOffsetMs([])).toThrow('at least one log-in');
  });
});
