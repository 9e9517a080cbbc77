import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client';

/** In seconds. An edge lies on 0.2: the share of requests slower than that is what the rollout is judged by. */
export const EDGES_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2];

export type Outcome = 'ok' | 'client_error' | 'error';

export type Metrics = ReturnType<typeof createMetrics>;

/** What the process measures about itself, in OpenMetrics. Each server has a registry of its own. */
export function createMetrics() {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const registers = [registry];
  const requests = new Counter({
    name: 'parley_requests_total',
    help: 'Requests answered.',
    labelNames: ['route', 'method', 'outcome'] as const,
    registers,
  });
  const requestDuration = new Histogram({
    name: 'parley_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer.',
    labelNames: ['route'] as const,
    buckets: EDGES_SECONDS,
    registers,
  });
  const others: (() => string)[] = [];
  /** All of it in OpenMetrics. What others count stands before the end that the registry's text bears. */
  const text = async (): Promise<string> => {
    const own = await registry.metrics();
    return own.replace(/# EOF\n?$/, `${others.map((read) => read()).join('')}# EOF\n`);
  };
  return {
    registry,
    text,
    requests,
    requestDuration,
    /** What is counted elsewhere, as OpenMetrics without its end. */
    alsoTell: (read: () => string): void => void others.push(read),
  };
}

/** Gauges that are read off at each scrape. */
export function addGauges(
  metrics: Metrics,
  read: { sockets: () => number; flagRevision: () => number },
): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    const collect = (): void => made.set(value());
    const made = new Gauge({ name, help, registers: [metrics.registry], collect });
  };
  gauge('parley_sockets', 'Sockets connected to this process.', read.sockets);
  gauge('parley_flag_document_revision', 'The newest flag document this process goes by.', read.flagRevision);
}

/** Memory, CPU, event loop: once a process. */
export function addRuntimeMetrics(metrics: Metrics): void {
  collectDefaultMetrics({ register: metrics.registry });
}
