import { z } from 'zod';
import type { Database } from '../database.ts';
import { FEATURES } from '../features.ts';
import { requirePerson } from '../require-person.ts';
import type { App } from '../routes/app.ts';
import { failures } from '../schemas.ts';
import type { Batch2Metrics } from './batch-2-metrics.ts';
import { withBatch1Fallback } from './fallback.ts';
import type { FlaggedFeatures } from './flagged-features.ts';
import { publishKey } from './publish-key.ts';

const X25519_KEY_BYTES = 32;

const keyBody = z.object({
  publicKey: z
    .base64()
    .refine(
      (text) => Buffer.from(text, 'base64').length === X25519_KEY_BYTES,
      '32 bytes in base64: an X25519 public key',
    ),
});
const keyAnswer = z.object({
  published: z.boolean(),
  keyVersion: z.number().nullable(),
  reason: z.string().optional(),
});

type KeyAnswer = { published: boolean; keyVersion: number | null; reason?: string };

const notPublished = async (): Promise<KeyAnswer> => ({
  published: false,
  keyVersion: null,
  reason: 'feature_off',
});

type Parts = { database: Database; features: FlaggedFeatures; metrics: Batch2Metrics };

export function addKeyRoutes(app: App, { database, features, metrics }: Parts): void {
  app.route({
    method: 'PUT',
    url: '/v1/keys',
    schema: { body: keyBody, response: { 200: keyAnswer, ...failures } },
    handler: async (request) => {
      const person = await requirePerson(database, request);
      if (!(await features.isFeatureEnabled(FEATURES.E2E_ENCRYPTION, person))) return await notPublished();
      const key = {
        userId: person.id,
        publicKey: request.body.publicKey,
        // Postgres knows no zones, such as the one of fe80::1%eth0.
        address: request.ip.replace(/%.*$/, ''),
        userAgent: request.headers['user-agent']?.slice(0, 500) ?? null,
      };
      const publish = async (): Promise<KeyAnswer> => {
        const keyVersion = await publishKey(database, key);
        features.used(FEATURES.E2E_ENCRYPTION, person);
        return { published: true, keyVersion };
      };
      return await withBatch1Fallback(FEATURES.E2E_ENCRYPTION, metrics, publish, notPublished);
    },
  });
}
