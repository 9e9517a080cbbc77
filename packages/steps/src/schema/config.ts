import { z } from 'zod';
import { attemptsSchema } from '../target/lock-limits.ts';
import { timeLimitSchema } from '../target/time-limit.ts';
import { changeSchema, type Change } from './recipes/change-schema.ts';
import { recipeOf } from './recipes/recipe-of.ts';

const settings = z.strictObject({
  file: z
    .string()
    .min(1)
    .exactOptional()
    .meta({
      description: 'SQL file of the plan. What stands after the line "-- crossfade:undo" takes it back.',
      examples: ['sql/002_add_encryption_tables.sql'],
    }),
  change: changeSchema.exactOptional(),
  transaction: z.boolean().exactOptional().meta({
    description:
      'Whether the file is applied in one transaction. Default: yes, unless it has a CONCURRENTLY statement. Of a change it is known.',
  }),
  lock_timeout: timeLimitSchema.prefault('100ms').meta({
    description:
      'How long a transaction may queue for its locks, all of them together: everybody who comes after it queues behind it.',
  }),
  hold_timeout: timeLimitSchema.prefault('500ms').meta({
    description:
      'How long a transaction may work while it keeps others out. Nobody waits for it longer than lock_timeout and this together.',
  }),
  statement_timeout: timeLimitSchema.exactOptional().meta({
    description:
      'How long one statement may run that keeps nobody out: 60s for those of a file, 6h for those of a change, which look ' +
      'through large tables. Concurrent index builds are not bound by it.',
  }),
  attempts: attemptsSchema,
});

export const schemaConfigSchema = settings
  .refine(({ file, change }) => (file === undefined) !== (change === undefined), {
    error: 'A step of type schema has either a file of SQL or a change, and not both.',
  })
  .refine(({ change, transaction }) => change === undefined || transaction === undefined, {
    path: ['transaction'],
    error: 'transaction is for a file: of a change it is known what goes into one.',
  })
  .meta({ oneOf: [{ required: ['file'] }, { required: ['change'] }] })
  .transform((written) => ({
    ...written,
    // What messages call it, whatever it is.
    file: written.file ?? nameOf(written.change),
    statement_timeout: written.statement_timeout ?? (written.change ? 6 * 3_600_000 : 60_000),
  }));

export type SchemaConfig = z.output<typeof schemaConfigSchema>;

/** "add_index on messages" */
function nameOf(change: Change | undefined): string {
  if (!change) return '';
  const { name, table, type } = recipeOf(change);
  return `${name} on ${(table ?? type)?.name}`;
}
