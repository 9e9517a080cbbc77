import type { ClientRequest } from './client-log.ts';
import type { Report } from './report-schema.ts';

type RequestFigures = Report['requests']['byPhase'][string];

const untimed: ReadonlySet<string> = new Set(['log_in', 'turned_away', 'hold_socket']);

/**
 * Counts and latency quantiles (nearest rank, ms from the intended time) of some requests; null where there are none. Log-ins
 * are counted but not timed: hashing a password is slow on purpose. Nor is what was never sent, or is no request at all.
 */
export function requestFigures(requests: readonly ClientRequest[]): RequestFigures {
  const sortedMs = Float64Array.from(
    requests.filter((request) => !untimed.has(request.action)),
    (request) => request.ms,
  ).toSorted();
  return {
    total: requests.length,
    failed: requests.filter((request) => !request.ok).length,
    p50Ms: quantile(sortedMs, 0.5),
    p95Ms: quantile(sortedMs, 0.95),
    p99Ms: quantile(sortedMs, 0.99),
  };
}

function quantile(sorted: Float64Array, share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
