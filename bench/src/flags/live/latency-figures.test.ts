import { describe, expect, it } from 'vitest';
import { propagationOf } from './arrivals.ts';
import { latencyFigures } from './latency-figures.ts';

describe('figures of latencies', () => {
  it('are of the nearest rank, in whatever order they came', () => {
    const latenciesMs = Array.from({ length: 200 }, (_, at) => 200 - at);
    expect(latencyFigures('flip', latenciesMs)).toEqual({ flipP50Ms: 100, flipP99Ms: 198, flipMaxMs: 200 });
    expect(latencyFigures('flip', [1.236])).toEqual({ flipP50Ms: 1.24, flipP99Ms: 1.24, flipMaxMs: 1.24 });
  });

  it('are no figures of nothing', () => {
    expect(latencyFigures('flip', [])).toEqual({ flipP50Ms: NaN, flipP99Ms: NaN, flipMaxMs: NaN });
  });
});

describe('how flips arrive', () => {
  const flips = [
    { revision: 5, committedMs: 1_000 },
    { revision: 6, committedMs: 1_100 },
  ];

  it('is told by client and flip; a later flip tells of an earlier one, too', () => {
    const prompt = [
      [4, 900],
      [5, 1_010],
      [6, 1_120],
    ] as const;
    const late = [[6, 1_150]] as const;
    expect(propagationOf(flips, [prompt, late])).toEqual({ latenciesMs: [10, 20, 150, 50], missed: 0 });
  });

  it('misses what was never heard of', () => {
    expect(propagationOf(flips, [[[5, 1_010]], []])).toEqual({ latenciesMs: [10], missed: 3 });
  });
});
