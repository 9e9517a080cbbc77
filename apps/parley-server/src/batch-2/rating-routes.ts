import { z } from 'zod';
import type { Database } from '../database.ts';
import { FEATURES } from '../features.ts';
import { rate, ratedFeatures } from '../queries/ratings.ts';
import { signedIn } from '../require-person.ts';
import type { App } from '../routes/app.ts';
import { failures, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { Batch2Metrics } from './batch-2-metrics.ts';

const ratingBody = z.object({
  feature: z.enum(Object.values(FEATURES)),
  score: z.int().min(1).max(5),
  comment: textOf(0, 2_000).default(''),
});
const mineAnswer = z.object({ features: z.array(z.string()) });

type Parts = { database: Database; metrics: Batch2Metrics };

/** "How is it?", asked once of each person for each feature. */
export function addRatingRoutes(app: App, { database, metrics }: Parts): void {
  app.route({
    method: 'POST',
    url: '/v1/ratings',
    schema: { body: ratingBody, response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      const { feature, score } = request.body;
      const isFirst = signedIn(await rate(database, sessionOf(request), request.body));
      if (isFirst) metrics.satisfaction.observe({ feature }, score);
      return await reply.status(204).send();
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/ratings/mine',
    schema: { response: { 200: mineAnswer, ...failures } },
    handler: async (request) => ({
      features: signedIn(await ratedFeatures(database, sessionOf(request))),
    }),
  });
}
