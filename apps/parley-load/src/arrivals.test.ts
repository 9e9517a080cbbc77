import { describe, expect, it } from 'vitest';
import { arrivals } from './arrivals.ts';
import { Random } from './random.ts';

function firstSeconds(seed: number, rate: number, seconds: number): number[] {
  const times: number[] = [];
  for (const time of arrivals(new Random(seed), rate)) {
    if (time >= seconds * 1000) return times;
    times.push(time);
  }
  return times;
}

describe('arrivals', () => {
  it('come in order, at the asked rate on average', () => {
    const times = firstSeconds(1, 90, 600);
    expect(times.length / 600).toBeGreaterThan(87);
    expect(times.length / 600).toBeLessThan(93);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('are the same for the same seed and others for another', () => {
    expect(firstSeconds(7, 50, 5)).toEqual(firstSeconds(7, 50, 5));
    expect(firstSeconds(7, 50, 5)).not.toEqual(firstSeconds(8, 50, 5));
  });

  it('are independent of each other: gaps spread as those of a Poisson process', () => {
    const times = firstSeconds(3, 90, 300);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // An exponential distribution's deviation equals its mean; evenly paced arrivals would have none.
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.95);
    expect(Math.sqrt(variance) / mean).toBeLessThan(1.2);
  });

  it('swell from second to second, with bursts', () => {
    const perSecond = Array.from({ length: 300 }, () => 0);
    for (const time of firstSeconds(5, 1000, 300)) {
      const second = Math.floor(time / 1000);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
    }
    expect(Math.max(...perSecond)).toBeGreaterThan(1450);
    expect(Math.min(...perSecond)).toBeLessThan(850);
  });

  it('also work at a rate below one a second', () => {
    expect(firstSeconds(2, 0.2, 1000).length).toBeGreaterThan(150);
  });
});
