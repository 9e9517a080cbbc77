import { z } from 'zod';
import type { Parley } from '../parley.ts';
import { checkReadiness } from '../readiness.ts';
import type { App } from './app.ts';

const check = z.object({ ok: z.boolean(), tookMs: z.number() });
const readyAnswer = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.object({ database: check, cache: check, realtime: check }),
});
const liveAnswer = z.object({ status: z.literal('ok') });

export function addHealthRoutes(app: App, parley: Parley): void {
  const { metrics } = parley;
  app.route({
    method: 'GET',
    url: '/livez',
    schema: { security: [], response: { 200: liveAnswer } },
    handler: async () => ({
      status: 'ok' as const,
    }),
  });

  app.route({
    method: 'GET',
    url: '/readyz',
    schema: { security: [], response: { 200: readyAnswer, 503: readyAnswer } },
    handler: async (_request, reply) => {
      const checks = await checkReadiness(parley);
      const ready = Object.values(checks).every(({ ok }) => ok);
      return await reply.status(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', checks });
    },
  });

  app.route({
    method: 'GET',
    url: '/metrics',
    schema: { hide: true },
    handler: async (_request, reply) => {
      const text = await metrics.text();
      return await reply.header('content-type', metrics.registry.contentType).send(text);
    },
  });
}
