import type { FastifyInstance } from 'fastify';
import type { Metrics, Outcome } from './metrics.ts';

/** Asked by machines, not by people: they would make the figures look better than they are. */
const NOT_COUNTED = new Set(['/livez', '/readyz', '/metrics']);

/** Counts and times every request by its route's pattern, so that ids do not become labels. */
export function countRequests(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unmatched';
    if (NOT_COUNTED.has(route)) return;
    metrics.requests.inc({ route, method: request.method, outcome: outcomeOf(reply.statusCode) });
    metrics.requestDuration.observe({ route }, reply.elapsedTime / 1_000);
  });
}

function outcomeOf(status: number): Outcome {
  if (status >= 500) return 'error';
  return status >= 400 ? 'client_error' : 'ok';
}
