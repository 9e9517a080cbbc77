import { durationSchema } from '@crossfade/plan';
import { z } from 'zod';
import { timeLimitSchema } from '../target/time-limit.ts';
import { columnNameSchema, tableNameSchema } from '../sql/identifiers.ts';

const assignmentsSchema = z
  .record(columnNameSchema, z.string().min(1))
  .refine((set) => Object.keys(set).length > 0, {
    error: 'expected at least one column with its expression',
  });

export const paceSchema = z
  .strictObject({
    rows: z.int().min(1).meta({ description: 'So many rows …' }),
    every: durationSchema.meta({ description: '… in this much plan time.' }),
  })
  .refine(({ every }) => every > 0, { error: 'expected a duration above 0' })
  .exactOptional()
  .meta({ description: 'An upper limit in plan time: a run at speed 10 goes ten times as fast.' });

export const backfillConfigSchema = z.strictObject({
  table: tableNameSchema,
  key: z.union([columnNameSchema, z.array(columnNameSchema).min(2).max(8)]).meta({
    description:
      'The column, or the columns in the order of their index, that identify a row and never change: unique, not null, of type ' +
      'uuid, integer, text, date or timestamp.',
    examples: ['id', ['tenant_id', 'id']],
  }),
  set: assignmentsSchema.meta({
    description: 'Columns to fill, each with an SQL expression over the row.',
    examples: [{ body_search: "to_tsvector('simple', body)" }],
  }),
  where: z
    .string()
    .min(1)
    .meta({
      description: 'The guard: SQL that is true for a row that is not done yet, and false as soon as it is.',
      examples: ['body_search is null'],
    }),
  batch_size: z.int().min(1).max(100_000).prefault(10_000).meta({
    description:
      'Rows in one transaction at most. They are fewer where so many take longer than a tenth of a second.',
  }),
  workers: z.int().min(1).max(64).prefault(1).meta({
    description: 'Connections that work at it side by side, each at a stretch of the table of its own.',
  }),
  order: z
    .enum(['auto', 'key', 'place'])
    .prefault('auto')
    .meta({
      description:
        'Along the key, or as rows lie on disk. "auto" takes the place on disk for a large table whose keys have nothing to do ' +
        'with it, such as random UUIDs, over which batches along the key cost several times the WAL.',
    }),
  pace: paceSchema,
  dual_write: z.enum(['trigger', 'application']).meta({
    description:
      'Who keeps new and changed rows done while the old ones are filled. Without it a backfill never ends, so it must be said.',
  }),
  tolerate: z
    .int()
    .min(0)
    .prefault(0)
    .meta({ description: 'Rows that may be set aside because they cannot be filled.' }),
  undo: z.union([z.literal('keep'), z.strictObject({ set: assignmentsSchema })]).meta({
    description:
      '"keep" leaves what was filled, as when the schema step drops the column anyway; "set" says what takes it back, ' +
      'of every row that is done by the guard, also one that people have written or that was done before.',
  }),
  lock_timeout: timeLimitSchema
    .prefault('500ms')
    .meta({ description: 'How long a batch waits for a row that a user is changing.' }),
  statement_timeout: timeLimitSchema
    .prefault('30s')
    .meta({ description: 'How long one statement of a batch may run.' }),
});

export type BackfillConfig = z.output<typeof backfillConfigSchema>;

export function keyOf({ key }: Pick<BackfillConfig, 'key'>): readonly string[] {
  return typeof key === 'string' ? [key] : key;
}
