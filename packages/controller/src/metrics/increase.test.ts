import { describe, expect, test } from 'vitest';
import { counterIncrease, histogramIncrease } from './increase.ts';
import { parseOpenMetrics } from './parse-open-metrics.ts';
import { SampleHistory } from './sample-history.ts';

/** An endpoint's history: one exposition a second, from second 0 on; null where it was silent. */
function history(...expositions: (string | null)[]): SampleHistory {
  const samples = new SampleHistory(120_000);
  for (const [second, text] of expositions.entries()) {
    if (text !== null) samples.add(second * 1_000, parseOpenMetrics(text));
  }
  return samples;
}

const requests = (...counts: (number | null)[]) =>
  history(...counts.map((count) => (count === null ? null : `requests_total{route="a"} ${count}\n`)));

const query = { metric: 'requests_total', labels: {}, fromMs: 0, toMs: 100_000 };

describe('a counter', () => {
  test('grows by its last value less its first in the window', () => {
    const samples = [requests(10, 12, 15, 40)];
    expect(counterIncrease(samples, { ...query, toMs: 3_000 })).toEqual({
      value: 30,
      labelNames: ['route'],
      coverage: { fromMs: 0, toMs: 3_000, endpoints: 1, endpointsSilent: 0 },
    });
    expect(counterIncrease(samples, { ...query, fromMs: 500, toMs: 2_500 })).toEqual({
      value: 3,
      labelNames: ['route'],
      coverage: { fromMs: 1_000, toMs: 2_000, endpoints: 1, endpointsSilent: 0 },
    });
  });

  test('is summed over processes and over all series with the labels asked for', () => {
    const one = history(
      'r_total{a="1",b="x"} 0\nr_total{a="2",b="x"} 0',
      'r_total{a="1",b="x"} 1\nr_total{a="2",b="x"} 20',
    );
    const two = history('r_total{a="1",b="y"} 0', 'r_total{a="1",b="y"} 300');
    const window = { metric: 'r', fromMs: 0, toMs: 1_000 };
    expect(counterIncrease([one, two], { ...window, labels: {} }).value).toBe(321);
    expect(counterIncrease([one, two], { ...window, labels: { a: '1' } }).value).toBe(301);
    expect(counterIncrease([one, two], { ...window, labels: { a: '1', b: 'x' } }).value).toBe(1);
    expect(counterIncrease([one, two], { ...window, labels: { c: 'z' } }).value).toBe(0);
  });

  test('that begins at 0 again has been restarted: what it shows has grown since', () => {
    expect(counterIncrease([requests(100, 110, null, 4, 9)], { ...query, toMs: 4_000 }).value).toBe(
      10 + 4 + 5,
    );
  });

  test('that has passed its old value by the next look is told by the start of its process', () => {
    const samples = history(
      'process_start_time_seconds 1000\nrequests_total 5\n',
      'process_start_time_seconds 1003\nrequests_total 8\n',
    );
    expect(counterIncrease([samples], { ...query, toMs: 1_000 }).value).toBe(8);
  });

  test('is told of that start also where everything its process reports has labels', () => {
    const samples = history(
      'process_start_time_seconds{app="p"} 1000\nhandles_total{app="p"} 9\nrequests_total{app="p"} 5\n',
      'process_start_time_seconds{app="p"} 1000\nhandles_total{app="p"} 8\nrequests_total{app="p"} 8\n',
    );
    // Something has shrunk, and the process says itself that it was not restarted.
    expect(counterIncrease([samples], { ...query, toMs: 1_000 }).value).toBe(3);
  });

  test('that one look has missed has not grown by all that it shows', () => {
    const samples = history('requests_total 1000', 'other_total 1', 'requests_total 1010');
    expect(counterIncrease([samples], { ...query, toMs: 2_000 }).value).toBe(10);
  });

  test('whose series is born within the window has grown from 0', () => {
    expect(
      counterIncrease([history('other_total 1', 'requests_total 7')], { ...query, toMs: 1_000 }).value,
    ).toBe(7);
  });

  test('tells which labels it has, so that a misspelled one is not taken for silence', () => {
    const samples = history('r_total{a="1",b="x"} 0', 'r_total{a="1",b="x"} 1\nr_total{c="2"} 1');
    const window = { metric: 'r', fromMs: 0, toMs: 1_000 };
    const found = counterIncrease([samples], { ...window, labels: { z: '1' } });
    expect(found).toMatchObject({ value: 0, labelNames: ['a', 'b', 'c'] });
  });

  test('seen once has not been seen to grow, whatever it shows', () => {
    expect(counterIncrease([requests(500)], { ...query, toMs: 1_000 })).toEqual({
      value: 0,
      labelNames: [],
      coverage: { fromMs: 0, toMs: 0, endpoints: 1, endpointsSilent: 0 },
    });
  });
});

describe('coverage', () => {
  test('is what all answering processes were seen in', () => {
    const late = requests(null, null, 1, 2, 3);
    const early = requests(1, 2, 3, 4);
    expect(counterIncrease([late, early], { ...query, toMs: 4_000 }).coverage).toEqual({
      fromMs: 2_000,
      toMs: 3_000,
      endpoints: 2,
      endpointsSilent: 0,
    });
  });

  test('a process unheard of for 5 s is silent, and does not shorten the window of the others', () => {
    const gone = requests(1, 2, 3);
    const alive = requests(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(counterIncrease([gone, alive], { ...query, toMs: 8_000 })).toMatchObject({
      value: 2 + 8,
      coverage: { fromMs: 0, toMs: 8_000, endpoints: 2, endpointsSilent: 1 },
    });
  });

  test('is nothing when everybody is silent', () => {
    expect(counterIncrease([requests(1, 2)], { ...query, fromMs: 50_000, toMs: 60_000 }).coverage).toEqual({
      fromMs: 50_000,
      toMs: 50_000,
      endpoints: 1,
      endpointsSilent: 1,
    });
  });
});

describe('a histogram', () => {
  const exposition = (fast: number, all: number, sum: number) =>
    `d_bucket{le="0.2"} ${fast}\nd_bucket{le="+Inf"} ${all}\nd_count ${all}\nd_sum ${sum}\n`;

  test('grows bucket by bucket, summed over processes, sorted by edge', () => {
    const one = history(exposition(10, 20, 5), exposition(14, 30, 8));
    const two = history(exposition(0, 0, 0), exposition(1, 1, 0.5));
    expect(histogramIncrease([one, two], { metric: 'd', labels: {}, fromMs: 0, toMs: 1_000 })).toMatchObject({
      buckets: [
        { upperEdge: 0.2, count: 5 },
        { upperEdge: Infinity, count: 11 },
      ],
      count: 11,
      sum: 3.5,
    });
  });

  test('begins again in all its buckets when its process does', () => {
    // The bucket alone (10 → 12) would look as if nothing had happened.
    const samples = history(exposition(10, 100, 9), exposition(12, 13, 1));
    const { buckets } = histogramIncrease([samples], { metric: 'd', labels: {}, fromMs: 0, toMs: 1_000 });
    expect(buckets.map(({ count }) => count)).toEqual([12, 13]);
  });

  test('leaves out an edge that only some processes have', () => {
    const one = history(exposition(0, 0, 0), exposition(5, 9, 1));
    const two = history(
      'd_bucket{le="0.4"} 0\nd_bucket{le="+Inf"} 0',
      'd_bucket{le="0.4"} 2\nd_bucket{le="+Inf"} 3',
    );
    const { buckets } = histogramIncrease([one, two], { metric: 'd', labels: {}, fromMs: 0, toMs: 1_000 });
    expect(buckets).toEqual([{ upperEdge: Infinity, count: 12 }]);
  });
});

test('series that come and go without end take no memory without end', () => {
  const samples = new SampleHistory(2_000);
  for (let second = 0; second < 20; second += 1) {
    const series = Array.from({ length: 1_000 }, (_, n) => `requests_total{id="${second}-${n}"} 1`);
    samples.add(second * 1_000, parseOpenMetrics(series.join('\n')));
  }
  expect(samples.seriesCount).toBeLessThanOrEqual(4_000);
  expect(counterIncrease([samples], { ...query, fromMs: 18_000, toMs: 19_000 }).value).toBe(1_000);
});

test('what is older than the time to keep is forgotten', () => {
  const samples = new SampleHistory(2_000);
  for (const second of [0, 1, 2, 3, 4])
    samples.add(second * 1_000, [{ series: 'requests_total', value: second }]);
  expect(counterIncrease([samples], { ...query, toMs: 4_000 })).toMatchObject({
    value: 2,
    coverage: { fromMs: 2_000 },
  });
});
