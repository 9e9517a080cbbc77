import { setTimeout as delay } from 'node:timers/promises';
import type {
  Clock,
  ControlStore,
  Coverage,
  HistogramIncrease,
  MetricQuery,
  Metrics,
  Notifier,
  OutgoingMessage,
  Random,
} from '@crossfade/engine';

/** Real time in which nobody sleeps long: waits for locks stay waits, and what is cut off of a sleep has passed when it ends. */
export function createTestClock(longestSleepMs = 20): Clock & { readonly slept: readonly number[] } {
  const slept: number[] = [];
  let skippedMs = 0;
  return {
    slept,
    elapsedMs: () => performance.now() + skippedMs,
    async sleep(durationMs, signal) {
      slept.push(durationMs);
      signal.throwIfAborted();
      const sleepMs = Math.min(durationMs, longestSleepMs);
      await delay(sleepMs, undefined, { signal });
      skippedMs += durationMs - sleepMs;
    },
  };
}

/** A fixed sequence: the same test makes the same choices. */
export function createTestRandom(seed = 1): Random {
  let state = seed;
  return {
    next() {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    },
  };
}

export interface FakeMetrics extends Metrics {
  /** Growth of counters by `metric{label=value}`. */
  readonly counters: Map<string, number>;
  readonly histograms: Map<string, Omit<HistogramIncrease, 'coverage'>>;
  readonly answers: Awaited<ReturnType<Metrics['ask']>>[number][];
  coverage: (query: MetricQuery) => Coverage;
}

export function createFakeMetrics(): FakeMetrics {
  const metrics: FakeMetrics = {
    counters: new Map(),
    histograms: new Map(),
    answers: [],
    coverage: ({ fromMs, toMs }) => ({ fromMs, toMs, endpoints: 2, endpointsSilent: 0 }),
    counterIncrease(query) {
      let value = 0;
      for (const [series, growth] of metrics.counters) if (matches(series, query)) value += growth;
      const labelNames = Object.keys(query.labels);
      return Promise.resolve({ value, labelNames, coverage: metrics.coverage(query) });
    },
    histogramIncrease(query) {
      const found = metrics.histograms.get(query.metric) ?? { buckets: [], count: 0, sum: 0 };
      return Promise.resolve({ ...found, coverage: metrics.coverage(query) });
    },
    ask: () => Promise.resolve(metrics.answers),
  };
  return metrics;
}

function matches(series: string, query: MetricQuery): boolean {
  if (!series.startsWith(`${query.metric}{`)) return false;
  return Object.entries(query.labels).every(([label, value]) => series.includes(`${label}=${value}`));
}

/** Keeps what was sent; a receiver that honours keys sees each message once. */
export function createFakeNotifier(): Notifier & { readonly received: readonly OutgoingMessage[] } {
  const received: OutgoingMessage[] = [];
  return {
    received,
    send(message) {
      if (!received.some(({ key }) => key === message.key)) received.push(message);
      return Promise.resolve();
    },
  };
}

export type SegmentStore = Pick<ControlStore, 'addSegmentMembers'>;

export function createFakeSegmentStore(): SegmentStore & {
  readonly segments: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const segments = new Map<string, Set<string>>();
  return {
    segments,
    addSegmentMembers(segment, targetingKeys) {
      const members = segments.get(segment) ?? new Set<string>();
      for (const key of targetingKeys) members.add(key);
      segments.set(segment, members);
      return Promise.resolve(members.size);
    },
  };
}
