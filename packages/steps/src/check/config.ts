import { durationSchema } from '@crossfade/plan';
import { z } from 'zod';
import { timeLimitSchema } from '../target/time-limit.ts';
import { breachAfterSchema } from '../gate-progress.ts';

const expectationSchema = z.strictObject({
  title: z.string().min(1).meta({ description: 'What is expected, for people.' }),
  query: z.string().min(1).meta({ description: 'A SELECT that returns one value. It runs read-only.' }),
  expect: z
    .union([z.string(), z.number(), z.boolean()])
    .transform(String)
    .meta({
      description:
        'The value as text: numbers as Postgres writes them (1.10 in quotes), true or false, times as in ISO 8601.',
      examples: ['0', true],
    }),
});

export const checkConfigSchema = z
  .strictObject({
    gates: z
      .array(z.string().min(1))
      .prefault([])
      .meta({ description: 'Gates that must pass on fresh measurements.' }),
    sql: z
      .array(expectationSchema)
      .prefault([])
      .meta({ description: 'Questions to the database and their answers.' }),
    patience: durationSchema.prefault('60s').meta({
      description: 'How long the gates may be undecided, in real time. A check never passes undecided.',
    }),
    breach_after: breachAfterSchema,
    statement_timeout: timeLimitSchema.prefault('60s').meta({ description: 'How long one query may run.' }),
  })
  .refine(({ gates, sql }) => gates.length + sql.length > 0, {
    error: 'expected at least one gate or one SQL question',
  });

export type CheckConfig = z.output<typeof checkConfigSchema>;
