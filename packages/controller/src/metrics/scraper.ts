import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointAnswer, Metrics, MetricQuery } from '@crossfade/engine';
import { errorMessage } from '../error-message.ts';
import { heed, NotWaitedFor } from '../heed.ts';
import { fetchText } from './fetch-text.ts';
import { counterIncrease, histogramIncrease } from './increase.ts';
import { parseOpenMetrics } from './parse-open-metrics.ts';
import { SampleHistory } from './sample-history.ts';

export interface ScraperOptions {
  /** Base URLs of the application's processes, such as http://127.0.0.1:4001. */
  readonly endpoints: readonly string[];
  /** Default 1,000. */
  readonly intervalMs?: number;
  /** How far back a window can reach. Default 120,000. */
  readonly retainMs?: number;
  /** Database time in ms since 1970, by which windows are asked for. */
  now(): number | Promise<number>;
  /** Told once for each round that could not be dated. A silent endpoint is no problem of ours: coverage tells of it. */
  onProblem?(problem: string): void;
}

export interface MetricsScraper extends Metrics {
  /** Ends the scraping; what was seen can still be asked for. */
  stop(): Promise<void>;
}

const scrapeTimeoutMs = 1_000;
const accept = 'application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5';

/** Reads /metrics of every endpoint once an interval, beginning now. */
export function createOpenMetricsScraper(options: ScraperOptions): MetricsScraper {
  const { endpoints, intervalMs = 1_000, retainMs = 120_000 } = options;
  const histories = new Map(endpoints.map((url) => [url, new SampleHistory(retainMs)]));
  const stopped = new AbortController();
  const scraping = scrapeUntilStopped(options, histories, intervalMs, stopped.signal);
  const all = () => [...histories.values()];
  return {
    counterIncrease: async (query: MetricQuery) => counterIncrease(all(), query),
    histogramIncrease: async (query: MetricQuery) => histogramIncrease(all(), query),
    ask: async (path, timeoutMs) =>
      await Promise.all(endpoints.map(async (url) => await askOne(url, path, timeoutMs))),
    async stop() {
      stopped.abort();
      await scraping;
    },
  };
}

async function scrapeUntilStopped(
  options: ScraperOptions,
  histories: ReadonlyMap<string, SampleHistory>,
  intervalMs: number,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    const startedAtMs = performance.now();
    await scrapeRound(options, histories, stopped);
    const restMs = Math.max(0, intervalMs - (performance.now() - startedAtMs));
    await sleep(restMs, undefined, { signal: stopped }).catch((error: unknown) => {
      if (!stopped.aborted) throw error;
    });
  }
}

async function scrapeRound(
  options: ScraperOptions,
  histories: ReadonlyMap<string, SampleHistory>,
  stopped: AbortSignal,
): Promise<void> {
  try {
    const roundMs = await heed(stopped, 'stopped', async () => await options.now());
    const startedAtMs = performance.now();
    const nowMs = () => Math.round(roundMs + performance.now() - startedAtMs);
    await Promise.all([...histories].map(async ([url, history]) => await scrapeOne(url, history, nowMs)));
  } catch (error) {
    if (error instanceof NotWaitedFor) return;
    options.onProblem?.(`measurements could not be dated: ${errorMessage(error)}`);
  }
}

async function scrapeOne(url: string, history: SampleHistory, nowMs: () => number): Promise<void> {
  const answer = await fetchText(`${trimmed(url)}/metrics`, accept, scrapeTimeoutMs).catch(() => undefined);
  // Silence leaves no sample: that is how it shows.
  if (answer?.status === 200) history.add(nowMs(), parseOpenMetrics(answer.text));
}

async function askOne(url: string, path: string, timeoutMs: number): Promise<EndpointAnswer> {
  const startedAtMs = performance.now();
  const tookMs = () => Math.round((performance.now() - startedAtMs) * 10) / 10;
  try {
    const { status, text } = await fetchText(`${trimmed(url)}${path}`, 'application/json', timeoutMs);
    const body = parseBody(text);
    const error = body === undefined ? 'the answer is not JSON' : null;
    return { url, status, body: body ?? null, tookMs: tookMs(), error };
  } catch (error) {
    return { url, status: null, body: null, tookMs: tookMs(), error: errorMessage(error) };
  }
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // Said in the answer's `error`.
  }
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
