import { Counter, Histogram } from 'prom-client';
import { EDGES_SECONDS, type Metrics } from '../metrics.ts';

export type Batch2Metrics = ReturnType<typeof createBatch2Metrics>;

/** What Batch 2 measures about itself, beside the rest. */
export function createBatch2Metrics({ registry }: Pick<Metrics, 'registry'>) {
  const registers = [registry];
  const cacheLookups = new Counter({
    name: 'parley_cache_lookups_total',
    help: 'Pages of messages asked for, by whether the query cache had all of it (bypass: it was not asked).',
    labelNames: ['result'] as const,
    registers,
  });
  const clientDuration = new Histogram({
    name: 'parley_client_duration_seconds',
    help: 'What clients measured and reported.',
    labelNames: ['name'] as const,
    buckets: EDGES_SECONDS,
    registers,
  });
  const fallbacks = new Counter({
    name: 'parley_batch2_fallbacks_total',
    help: 'Requests answered as in Batch 1 because a table or column of Batch 2 was not there.',
    labelNames: ['feature'] as const,
    registers,
  });
  const satisfaction = new Histogram({
    name: 'parley_satisfaction_score',
    help: 'How people find a feature, from 1 (not good) to 5 (very good), each of them once.',
    labelNames: ['feature'] as const,
    buckets: [1, 2, 3, 4, 5],
    registers,
  });
  // Known from the start: a counter that is absent cannot be told from one that nobody scraped.
  for (const result of ['hit', 'miss', 'bypass'] as const) cacheLookups.inc({ result }, 0);
  return { cacheLookups, clientDuration, fallbacks, satisfaction };
}
