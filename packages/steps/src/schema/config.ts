import { z } from 'zod';
import { timeLimitSchema } from '../target/time-limit.ts';

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
  lock_timeout: timeLimitSchema.prefault('100ms').meta({
    description:
      'How long a transaction may queue for its locks, all of them together: everybody who comes after it queues behind it.',
  }),
  hold_timeout: timeLimitSchema.prefault('500ms').meta({
    description:
      'How long a transaction may work while it keeps others out. Nobody waits for it longer than lock_timeout and this together.',
  }),
  statement_timeout: timeLimitSchema.prefault('60s').meta({
    description:
      'How long one statement may run that keeps nobody out. Concurrent index builds are not bound by it.',
  }),
  attempts: z
    .int()
    .min(1)
    .max(1_000)
    .prefault(60)
    .meta({ description: 'How often to try when somebody else holds the lock.' }),
});

export type SchemaConfig = z.output<typeof schemaConfigSchema>;
