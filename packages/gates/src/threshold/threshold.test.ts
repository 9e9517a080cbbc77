import type { Coverage, HistogramIncrease, Metrics, Verdict } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { thresholdGate } from './definition.ts';
import { estimateQuantile } from '@crossfade/engine';

const window = { fromMs: 100_000, toMs: 120_000 };
const seen: Coverage = { ...window, endpoints: 2, endpointsSilent: 0 };

async function judge(settings: object, metrics: Partial<Metrics>): Promise<Verdict> {
  const config = thresholdGate.configSchema.parse(settings);
  const nothing = (): never => {
    throw new Error('this measure does not ask for that');
  };
  const all: Metrics = { counterIncrease: nothing, histogramIncrease: nothing, ask: nothing, ...metrics };
  const measured = JSON.parse(JSON.stringify(await thresholdGate.measure(config, window, all)));
  return thresholdGate.assess(config, measured, window);
}

describe('share_above', () => {
  const settings = {
    measure: 'share_above',
    histogram: 'request_duration_seconds',
    edge: 0.2,
    at_most: '5%',
    window: '20s',
    min_samples: 200,
  };
  /** Cumulative counts at 0.1 s and 0.2 s, and in all. */
  const histogram = (counts: [number, number, number], coverage = seen): Partial<Metrics> => {
    const [a, b, all] = counts;
    const increase: HistogramIncrease = {
      buckets: [
        { upperEdge: 0.1, count: a },
        { upperEdge: 0.2, count: b },
        { upperEdge: Infinity, count: all },
      ],
      count: all,
      sum: 1,
      coverage,
    };
    return { histogramIncrease: () => Promise.resolve(increase) };
  };

  it('passes at the limit', async () => {
    expect(await judge(settings, histogram([900, 950, 1_000]))).toEqual({
      status: 'pass',
      evidence: '5 % of 1,000 requests took longer than 0.2 s; at most 5 % allowed (p95 about 200 ms)',
      value: 5,
      limit: 5,
      samples: 1_000,
      ...window,
    });
  });

  it('says what was seen, in words for people', async () => {
    expect((await judge(settings, histogram([3_300, 3_369, 3_410]))).evidence).toBe(
      '1.2 % of 3,410 requests took longer than 0.2 s; at most 5 % allowed (p95 about 98 ms)',
    );
  });

  it('fails above it', async () => {
    const verdict = await judge(settings, histogram([900, 949, 1_000]));
    expect(verdict).toMatchObject({ status: 'fail', value: 5.1 });
    expect(verdict.evidence).toContain('5.1 % of 1,000 requests');
  });

  it.each([
    ['too few samples', [190, 190, 199], seen, '199 of 200 samples: '],
    ['hardly seen', [500, 500, 500], { ...seen, fromMs: 111_000 }, 'only 9.0 s of the last 20.0 s were seen'],
    ['old figures', [500, 500, 500], { ...seen, toMs: 114_000 }, 'nothing is newer than 6.0 s'],
    ['silence', [500, 500, 500], { ...seen, endpointsSilent: 2 }, 'all 2 processes are silent'],
    ['no process', [0, 0, 0], { ...seen, endpoints: 0 }, 'no process of the application is known'],
  ] as const)('is inconclusive: %s', async (_what, counts, coverage, evidence) => {
    const verdict = await judge(settings, histogram([...counts], coverage));
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.evidence).toContain(evidence);
  });

  it('fails on harm that was seen even in a small part of the window', async () => {
    const verdict = await judge(settings, histogram([0, 100, 500], { ...seen, fromMs: 118_000 }));
    expect(verdict.status).toBe('fail');
  });

  it('does not fail on few samples, however bad', async () => {
    expect(await judge(settings, histogram([0, 0, 199]))).toMatchObject({ status: 'inconclusive' });
  });

  it('states that some processes are silent', async () => {
    const verdict = await judge(settings, histogram([500, 500, 500], { ...seen, endpointsSilent: 1 }));
    expect(verdict).toMatchObject({
      status: 'pass',
      evidence: expect.stringContaining('(1 of 2 processes silent)'),
    });
  });

  it('is invalid when its edge is none of the histogram', async () => {
    expect(await judge({ ...settings, edge: 0.25 }, histogram([500, 500, 500]))).toMatchObject({
      status: 'invalid',
      evidence: 'request_duration_seconds has no bucket edge at 0.25: it has 0.1, 0.2',
    });
  });
});

describe('a histogram that cannot be right', () => {
  const settings = { measure: 'share_above', histogram: 'h', edge: 0.2, at_most: '5%' };
  const bare = (buckets: HistogramIncrease['buckets']): Partial<Metrics> => ({
    histogramIncrease: () => Promise.resolve({ buckets, count: 500, sum: 1, coverage: seen }),
  });

  it.each([
    ['no edges at all', [{ upperEdge: Infinity, count: 500 }], 'h has no bucket edge at 0.2: it has none'],
    [
      'more in a bucket than in all',
      [{ upperEdge: 0.2, count: 501 }],
      'h counts 501 samples up to 0.2, and 500',
    ],
  ])('is invalid, and neither good nor bad: %s', async (_what, buckets, evidence) => {
    expect(await judge(settings, bare(buckets))).toMatchObject({
      status: 'invalid',
      evidence: expect.stringContaining(evidence),
    });
  });
});

describe('ratio', () => {
  const settings = {
    measure: 'ratio',
    metric: 'requests_total',
    labels: { outcome: 'error' },
    of: { metric: 'requests_total' },
    below: '0.1%',
  };
  const counters = (part: number, whole: number, coverage = seen): Partial<Metrics> => ({
    counterIncrease: ({ labels }) =>
      Promise.resolve({
        value: labels['outcome'] === 'error' ? part : whole,
        labelNames: ['outcome', 'route'],
        coverage,
      }),
  });

  it('passes under the limit', async () => {
    expect(await judge(settings, counters(3, 12_004))).toMatchObject({
      status: 'pass',
      evidence: '3 of 12,004 (0.025 %) requests_total with outcome=error; under 0.1 % required',
      samples: 12_004,
    });
  });

  it('fails at the limit', async () => {
    expect(await judge(settings, counters(12, 12_000))).toMatchObject({ status: 'fail', value: 0.1 });
  });

  it('does not take one failure among few requests for a rate, and does not promote on it either', async () => {
    expect(await judge(settings, counters(2, 300))).toMatchObject({
      status: 'inconclusive',
      evidence: expect.stringContaining('2 of 3 failures'),
    });
    expect(await judge(settings, counters(3, 300))).toMatchObject({ status: 'fail' });
    expect(await judge({ ...settings, min_failures: 1 }, counters(1, 300))).toMatchObject({ status: 'fail' });
  });

  it('is invalid when it asks for a label that the counter does not have: it would pass for ever', async () => {
    expect(await judge({ ...settings, labels: { outcom: 'error' } }, counters(0, 12_000))).toMatchObject({
      status: 'invalid',
      evidence: 'requests_total has no label outcom: it has outcome, route',
    });
  });

  it('is inconclusive without enough requests: nobody there is not everybody well', async () => {
    expect(await judge(settings, counters(0, 0))).toMatchObject({ status: 'inconclusive', value: null });
    expect(await judge(settings, counters(1, 199))).toMatchObject({ status: 'inconclusive' });
  });

  it('cannot ask for less than nothing', () => {
    expect(thresholdGate.configSchema.safeParse({ ...settings, below: 0 }).error?.message).toContain(
      'above 0',
    );
  });

  it('is invalid when the part exceeds the whole', async () => {
    expect(await judge(settings, counters(500, 300))).toMatchObject({ status: 'invalid' });
  });
});

describe('estimateQuantile', () => {
  it('takes samples as evenly spread in their bucket', () => {
    const buckets = [
      { upperEdge: 1, count: 50 },
      { upperEdge: 2, count: 100 },
    ];
    expect(estimateQuantile(buckets, 0.75)).toBe(1.5);
    expect(estimateQuantile([], 0.5)).toBeNull();
    expect(estimateQuantile([{ upperEdge: Infinity, count: 5 }], 0.5)).toBeNull();
  });
});
