import { z } from 'zod';
import type { Database } from '../database.ts';
import { FEATURES } from '../features.ts';
import { requirePerson } from '../require-person.ts';
import type { App } from '../routes/app.ts';
import { failures } from '../schemas.ts';
import type { Batch2Metrics } from './batch-2-metrics.ts';
import type { FlaggedFeatures } from './flagged-features.ts';

const TEN_MINUTES_MS = 600_000;

const timing = z.object({
  name: z.enum(['first_paint', 'conversation_open', 'message_send', 'search']),
  durationMs: z.number().min(0).max(TEN_MINUTES_MS),
});
const timingsBody = z.object({ timings: z.array(timing).max(50) });
const timingsAnswer = z.object({ accepted: z.number() });

type Parts = { database: Database; features: FlaggedFeatures; metrics: Batch2Metrics };

export function addTimingRoutes(app: App, { database, features, metrics }: Parts): void {
  app.route({
    method: 'POST',
    url: '/v1/timings',
    schema: { body: timingsBody, response: { 200: timingsAnswer, ...failures } },
    handler: async (request) => {
      const person = await requirePerson(database, request);
      if (!(await features.isFeatureEnabled(FEATURES.PERFORMANCE_MONITORING, person))) return { accepted: 0 };
      const { timings } = request.body;
      for (const { name, durationMs } of timings)
        metrics.clientDuration.observe({ name }, durationMs / 1_000);
      if (timings.length > 0) features.used(FEATURES.PERFORMANCE_MONITORING, person);
      return { accepted: timings.length };
    },
  });
}
