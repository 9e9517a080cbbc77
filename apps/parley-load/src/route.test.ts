import { describe, expect, it } from 'vitest';
import { Route } from './route.ts';

describe('Route', () => {
  it('leads home while home answers', () => {
    expect(new Route(1, 2).choose(0)).toBe(1);
    expect(new Route(3, 2).home).toBe(1);
  });

  it('leads to the other server while home is gone, and back when it answers again', () => {
    const route = new Route(0, 2);
    route.gone(0, 1_000);
    expect(route.choose(1_001)).toBe(1);
    expect(route.choose(3_000)).toBe(0);
    expect(route.choose(3_001)).toBe(1);
    route.answered(0);
    expect(route.choose(3_002)).toBe(0);
  });

  it('asks an absent server less and less often, but never gives it up', () => {
    const route = new Route(0, 2);
    let nowMs = 0;
    const tries: number[] = [];
    for (nowMs = 0; nowMs < 120_000; nowMs += 100) {
      if (route.choose(nowMs) === 0) {
        tries.push(nowMs);
        route.gone(0, nowMs);
      }
    }
    expect(tries).toEqual([0, 2_000, 6_000, 14_000, 30_000, 60_000, 90_000]);
  });

  it('alternates when everybody is gone', () => {
    const route = new Route(0, 2);
    route.gone(0, 0);
    route.gone(1, 10);
    expect(route.choose(20)).toBe(0);
    route.gone(0, 20);
    expect(route.choose(30)).toBe(1);
  });

  it('stays with a single server', () => {
    const route = new Route(5, 1);
    route.gone(0, 0);
    expect(route.choose(1)).toBe(0);
  });
});
