import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from '@crossfade/engine';
import pg from 'pg';

const everyMs = 20;
/** In seconds, as an application's histogram has them; fine enough to tell a tenth more. */
const edges = Array.from({ length: 120 }, (_, at) => 0.0004 * 1.05 ** at);

interface Sample {
  readonly atMs: number;
  readonly tookMs: number;
}

/** Asks what people ask, often enough to know how they fare, and tells it as an application's metrics would. */
export interface Probe {
  readonly metrics: Metrics;
  p95Ms(): number;
  stop(): Promise<void>;
}

export async function startProbe(url: string, rows: number): Promise<Probe> {
  const client = new pg.Client({ connectionString: url, application_name: 'probe' });
  client.on('error', () => undefined); // The query that runs on a broken connection rejects too.
  await client.connect();
  const samples: Sample[] = [];
  const over = new AbortController();
  const asking = (async () => {
    for (let number = 1; !over.signal.aborted; number += 1) {
      const startedMs = performance.now();
      await client.query('update public.messages set body = body where id = $1', [
        1 + ((number * 7_919) % rows),
      ]);
      samples.push({ atMs: Date.now(), tookMs: performance.now() - startedMs });
      await sleep(everyMs);
    }
  })();
  const never = (): Promise<never> => Promise.reject(new Error('the probe measures latency alone'));
  return {
    metrics: {
      counterIncrease: never,
      ask: never,
      histogramIncrease: async ({ fromMs, toMs }) => {
        const tookMs = samples
          .filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
          .map((sample) => sample.tookMs);
        const buckets = [...edges, Infinity].map((upperEdge) => ({
          upperEdge,
          count: tookMs.filter((ms) => ms / 1_000 <= upperEdge).length,
        }));
        const sum = tookMs.reduce((total, ms) => total + ms, 0) / 1_000;
        const coverage = { fromMs, toMs, endpoints: 1, endpointsSilent: 0 };
        return await Promise.resolve({ buckets, count: tookMs.length, sum, coverage });
      },
    },
    p95Ms() {
      const sorted = samples.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
      return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
    },
    async stop() {
      over.abort();
      await asking;
      await client.end();
    },
  };
}
