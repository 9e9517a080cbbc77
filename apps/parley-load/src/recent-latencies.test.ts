import { describe, expect, it } from 'vitest';
import { percentile, RecentLatencies } from './recent-latencies.ts';

describe('RecentLatencies', () => {
  it('forgets what is older than the window', () => {
    const recent = new RecentLatencies(10_000);
    recent.add(1_000, 900);
    for (let n = 1; n <= 20; n += 1) recent.add(15_000 + n, n);
    expect(recent.summary(20_000)).toEqual({ p50Ms: 10, p95Ms: 19, requestsPerSecond: 2 });
  });

  it('says null rather than zero when there was nothing', () => {
    expect(new RecentLatencies(10_000).summary(1)).toEqual({
      p50Ms: null,
      p95Ms: null,
      requestsPerSecond: 0,
    });
  });
});

describe('percentile', () => {
  it('is a value that really occurred', () => {
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(percentile([1, 2, 3, 4], 0.95)).toBe(4);
    expect(percentile([7], 0.01)).toBe(7);
  });
});
