import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';
import type { RequestScope, Telemetry } from './telemetry.ts';

const requests = new AsyncLocalStorage<RequestScope>();

/** The flags that were answered in the request that is at work here; undefined outside of one. */
export function currentRequest(): RequestScope | undefined {
  return requests.getStore();
}

/**
 * Counts every request for the flags that were really answered in it: failed when it ended with a status of 500 or more, or was not
 * answered to its end. Call it before routes are added.
 */
export function countFlagRequests(app: FastifyInstance, telemetry: Telemetry): void {
  const scopes = new WeakMap<object, RequestScope>();
  const finish = (request: object, failed: boolean, durationMs: number): void => {
    const scope = scopes.get(request);
    scopes.delete(request);
    if (scope !== undefined && scope.size > 0) telemetry.countRequest(scope, { failed, durationMs });
  };
  app.addHook('onRequest', (request, _reply, done) => {
    const scope: RequestScope = new Map();
    scopes.set(request, scope);
    requests.run(scope, done);
  });
  app.addHook('onResponse', async (request, reply) => {
    finish(request, reply.statusCode >= 500, reply.elapsedTime);
  });
  app.addHook('onRequestAbort', async (request) => {
    // The person has left; whether it would have failed nobody knows.
    scopes.delete(request);
  });
}
