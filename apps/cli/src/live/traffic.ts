import type { BoundPlan, HistogramIncrease, Metrics } from '@crossfade/engine';

/** What the application itself counted lately, for the live display; gates judge for themselves. */
export interface TrafficFigures {
  readonly requests: number;
  /** Null when no gate of the plan names a counter of what failed. */
  readonly failed: number | null;
  readonly p95Ms: number | null;
  readonly windowSeconds: number;
}

/** The names of the application's counters, as the plan's gates use them. */
export interface TrafficMetrics {
  readonly histogram: string | null;
  readonly counter: string | null;
  readonly failedLabels: Readonly<Record<string, string>>;
}

const windowSeconds = 10;

/** Finds the latency histogram and the error counter among the plan's gates; the last of each, where there are several. */
export function trafficMetricsOf(bound: BoundPlan): TrafficMetrics {
  let found: TrafficMetrics = { histogram: null, counter: null, failedLabels: {} };
  for (const { declaration } of bound.gates.values()) {
    const config = declaration.config;
    if (typeof config !== 'object' || config === null) continue;
    if ('histogram' in config && typeof config.histogram === 'string')
      found = { ...found, histogram: config.histogram };
    if ('metric' in config && typeof config.metric === 'string' && 'labels' in config) {
      found = { ...found, counter: config.metric, failedLabels: labelsOf(config.labels) };
    }
  }
  return found;
}

function labelsOf(labels: unknown): Record<string, string> {
  if (typeof labels !== 'object' || labels === null) return {};
  return Object.fromEntries(
    Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Undefined when the application gives no such histogram. */
export async function measureTraffic(
  metrics: Metrics,
  names: TrafficMetrics,
  nowMs: number,
): Promise<TrafficFigures | undefined> {
  if (!names.histogram) return undefined;
  const window = { fromMs: nowMs - windowSeconds * 1_000, toMs: nowMs };
  const latency = await metrics.histogramIncrease({ metric: names.histogram, labels: {}, ...window });
  const failed = names.counter
    ? await metrics.counterIncrease({ metric: names.counter, labels: names.failedLabels, ...window })
    : null;
  return {
    requests: Math.round(latency.count),
    failed: failed && Math.round(failed.value),
    p95Ms: quantileMs(latency, 0.95),
    windowSeconds,
  };
}

/** Linear within the bucket; the histogram is in seconds. Null when nothing was counted, or it lies beyond the last edge. */
function quantileMs({ buckets, count }: HistogramIncrease, share: number): number | null {
  const rank = count * share;
  let lower = { upperEdge: 0, count: 0 };
  for (const bucket of buckets) {
    if (count > 0 && bucket.count >= rank) {
      if (!Number.isFinite(bucket.upperEdge)) return null;
      const within = bucket.count === lower.count ? 1 : (rank - lower.count) / (bucket.count - lower.count);
      return (lower.upperEdge + (bucket.upperEdge - lower.upperEdge) * within) * 1_000;
    }
    lower = bucket;
  }
  return null;
}
