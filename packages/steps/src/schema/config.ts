import { durationSchema } from '@crossfade/plan';
import { z } from 'zod';

export const schemaConfigSchema = z.strictObject({
  file: z
    .string()
    .min(1)
    .meta({
      description: 'SQL file of the plan. What stands after the line "-- crossfade:undo" takes it back.',
      examples: ['sql/002_add_encryption_tables.sql'],
    }),
  transaction: z.boolean().exactOptional().meta({
    description:
      'Whether the file is applied in one transaction. Default: yes, unless it has a CONCURRENTLY statement.',
  }),
  lock_timeout: durationSchema
    .prefault('100ms')
    .meta({ description: 'How long a statement may queue for a lock, and hold up everybody behind it.' }),
  statement_timeout: durationSchema
    .prefault('60s')
    .meta({ description: 'How long one statement may run. Concurrent index builds are not bound by it.' }),
  attempts: z
    .int()
    .min(1)
    .max(1_000)
    .prefault(60)
    .meta({ description: 'How often to try when somebody else holds the lock.' }),
});

export type SchemaConfig = z.output<typeof schemaConfigSchema>;
