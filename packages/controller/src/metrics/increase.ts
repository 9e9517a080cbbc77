import type { Coverage, CounterIncrease, HistogramIncrease, MetricQuery } from '@crossfade/engine';
import { parseNumber, type SeriesName } from './parse-open-metrics.ts';
import type { SampleHistory, SeriesIncrease, WindowIncrease } from './sample-history.ts';

/** An endpoint that has not answered for so long before the window's end is silent. */
const silentAfterMs = 5_000;

/** Growth of a counter over all endpoints; `metric` with or without `_total`. */
export function counterIncrease(histories: readonly SampleHistory[], query: MetricQuery): CounterIncrease {
  const names = new Set([query.metric, `${query.metric}_total`]);
  const windows = windowsOf(histories, query, ({ name }) => names.has(name));
  const value = sum(windows.flatMap(({ series }) => series));
  const all = windowsOf(histories, { ...query, labels: {} }, ({ name }) => names.has(name));
  const labelNames = new Set(
    all.flatMap(({ series }) => series.flatMap(({ labels }) => Object.keys(labels))),
  );
  return { value, labelNames: [...labelNames].toSorted(), coverage: coverageOf(histories, query, windows) };
}

/** Growth of a histogram over all endpoints; `metric` without suffix. */
export function histogramIncrease(
  histories: readonly SampleHistory[],
  query: MetricQuery,
): HistogramIncrease {
  const parts = ['bucket', 'count', 'sum'].map((part) => `${query.metric}_${part}`);
  const windows = windowsOf(histories, query, ({ name }) => parts.includes(name));
  const series = windows.flatMap((window) => window.series);
  const named = (part: string) => series.filter(({ name }) => name === `${query.metric}_${part}`);
  return {
    buckets: sharedBuckets(windows, `${query.metric}_bucket`),
    count: sum(named('count')),
    sum: sum(named('sum')),
    coverage: coverageOf(histories, query, windows),
  };
}

function windowsOf(
  histories: readonly SampleHistory[],
  { labels, fromMs, toMs }: MetricQuery,
  isWanted: (name: SeriesName) => boolean,
): readonly WindowIncrease[] {
  const wanted = Object.entries(labels);
  const takes = (name: SeriesName) =>
    isWanted(name) && wanted.every(([key, value]) => name.labels[key] === value);
  return histories.map((history) => history.increase(fromMs, toMs, takes));
}

function sum(series: readonly SeriesIncrease[]): number {
  return series.reduce((total, { increase }) => total + increase, 0);
}

/**
 * Cumulative counts by upper edge. An edge that not every endpoint has is left out: between releases the edges may differ,
 * and half a sum would look like a share.
 */
function sharedBuckets(windows: readonly WindowIncrease[], bucketName: string): HistogramIncrease['buckets'] {
  const perEndpoint = windows
    .map(({ series }) => byEdge(series.filter(({ name }) => name === bucketName)))
    .filter((edges) => edges.size > 0);
  const [first = new Map<number, number>()] = perEndpoint;
  return [...first.keys()]
    .filter((edge) => perEndpoint.every((edges) => edges.has(edge)))
    .toSorted((a, b) => a - b)
    .map((upperEdge) => ({
      upperEdge,
      count: perEndpoint.reduce((total, edges) => total + (edges.get(upperEdge) ?? 0), 0),
    }));
}

function byEdge(buckets: readonly SeriesIncrease[]): ReadonlyMap<number, number> {
  const edges = new Map<number, number>();
  for (const { labels, increase } of buckets) {
    const edge = parseNumber(labels['le'] ?? '');
    if (!Number.isNaN(edge)) edges.set(edge, (edges.get(edge) ?? 0) + increase);
  }
  return edges;
}

/** The part of the window that every answering endpoint was seen in; of no length when none was. */
function coverageOf(
  histories: readonly SampleHistory[],
  { fromMs, toMs }: MetricQuery,
  windows: readonly WindowIncrease[],
): Coverage {
  const silent = histories.filter(
    (history) => (history.newestAtMs(toMs) ?? -Infinity) < toMs - silentAfterMs,
  );
  const seen = windows.flatMap((window, index) => {
    const history = histories[index];
    return window.seen && history && !silent.includes(history) ? [window.seen] : [];
  });
  const endpoints = { endpoints: histories.length, endpointsSilent: silent.length };
  const complete = seen.length > 0 && seen.length === histories.length - silent.length;
  if (!complete) return { fromMs, toMs: fromMs, ...endpoints };
  const seenFromMs = Math.max(...seen.map((part) => part.fromMs));
  const seenToMs = Math.min(...seen.map((part) => part.toMs));
  return { fromMs: seenFromMs, toMs: Math.max(seenFromMs, seenToMs), ...endpoints };
}
