import { z } from 'zod';
import type { Parley } from '../parley.ts';
import { readHealth } from '../queries/health.ts';
import type { App } from './app.ts';

const DATABASE_LIMIT_MS = 100;
/** A check that does not come back must not keep the asker waiting. */
const DEADLINE_MS = 1_000;

const check = z.object({ ok: z.boolean(), tookMs: z.number() });
const readyAnswer = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.object({ database: check, cache: check, realtime: check }),
});
const liveAnswer = z.object({ status: z.literal('ok') });

type Check = z.output<typeof check>;

export function addHealthRoutes(app: App, { database, cache, realtime, metrics }: Parley): void {
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
      const [databaseCheck, cacheCheck, realtimeCheck] = await Promise.all([
        timed(async () => await readHealth(database), DATABASE_LIMIT_MS),
        timed(async () => cache.check(), DEADLINE_MS),
        timed(async () => await realtime.check(), DEADLINE_MS),
      ]);
      const checks = { database: databaseCheck, cache: cacheCheck, realtime: realtimeCheck };
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

/** Ok means: it came back without an error, within the limit. */
async function timed(work: () => Promise<unknown>, limitMs: number): Promise<Check> {
  const startedAt = performance.now();
  const tookMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), DEADLINE_MS);
  // Why it is not ok stands in the log of whoever owns the connection; the asker learns that it is not.
  const done = work().then(
    () => true,
    () => false,
  );
  const inTime = await Promise.race([done, late]);
  clearTimeout(timer);
  return { ok: inTime && tookMs() <= limitMs, tookMs: tookMs() };
}
