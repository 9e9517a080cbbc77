import { durationSchema } from '@crossfade/plan';
import { z } from 'zod';

export const healthConfigSchema = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^\s?#]*$/, { error: 'expected a path such as "/readyz"' })
    .meta({ description: 'What each process of the application is asked.', examples: ['/readyz'] }),
  checks: z
    .array(z.string().min(1))
    .prefault([])
    .meta({
      description: 'Parts that must be well: `checks.NAME.ok` of the answer.',
      examples: [['database', 'cache']],
    }),
  require: z
    .enum(['all', 'any'])
    .prefault('all')
    .meta({ description: 'Whether all processes must be well, or one is enough.' }),
  timeout: durationSchema.prefault('2s').meta({ description: 'How long an answer may take.' }),
});

export type HealthConfig = z.output<typeof healthConfigSchema>;
