import { durationSchema } from '@crossfade/plan';
import { z } from 'zod';
import { timeLimitSchema } from '../target/time-limit.ts';
import { throttleSchema } from './throttle/throttle-config.ts';
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

const transformSchema = z.strictObject({
  file: z
    .string()
    .regex(/^[^/].*\.(ts|mts|js|mjs)$/, {
      error: 'expected a file of the plan that ends with .ts or .js, such as "transforms/seal.ts"',
    })
    .meta({
      description: 'A file of the plan that exports transform(rows), one change for each row.',
      examples: ['transforms/seal.ts'],
    }),
  read: z.array(columnNameSchema).min(1).meta({ description: 'The columns that it is given.' }),
  write: z.array(columnNameSchema).min(1).meta({ description: 'The columns that it gives values for.' }),
  timeout: timeLimitSchema.prefault('5s').meta({
    description: 'How long it may be at work on a batch. Then the batch is halved, down to the row.',
  }),
});

export type TransformConfig = z.output<typeof transformSchema>;

export const backfillConfigSchema = z
  .strictObject({
    table: tableNameSchema,
    key: z.union([columnNameSchema, z.array(columnNameSchema).min(2).max(8)]).meta({
      description:
        'The column, or the columns in the order of their index, that identify a row and never change: unique, not null, of type ' +
        'uuid, integer, text, date or timestamp.',
      examples: ['id', ['tenant_id', 'id']],
    }),
    set: assignmentsSchema.exactOptional().meta({
      description: 'Columns to fill, each with an SQL expression over the row. Either this or "transform".',
      examples: [{ body_search: "to_tsvector('simple', body)" }],
    }),
    transform: transformSchema.exactOptional().meta({
      description:
        'For what SQL cannot say: a function in TypeScript, in a process of its own. A row is written only as nobody has ' +
        'written it since it was read; where its file exports an inverse, it must bring back what was read.',
    }),
    where: z
      .string()
      .min(1)
      .meta({
        description:
          'The guard: SQL that is true for a row that is not done yet, and false as soon as it is.',
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
    verify: z
      .string()
      .min(1)
      .prefault('auto')
      .meta({
        description:
          'How rows that are done are compared with what they are made from, before the step is done and by "crossfade verify": ' +
          '"auto" by their expressions where these are immutable, or by the inverse of the transform; "again" by the expressions or ' +
          'the transform once more in any case; "off"; or SQL of your own that is true of a row that is right.',
        examples: ['auto', 'again', 'off', 'length(body_sha256) = 32'],
      }),
    dual_write: z.enum(['trigger', 'application', 'sweep']).meta({
      description:
        'Who keeps new and changed rows done while the old ones are filled: a trigger, or the application. With "sweep" nobody ' +
        'does, and what the guard then finds is filled in further sweeps: the guard must call a row undone whose source was ' +
        'changed, and rows written after the step stay undone.',
    }),
    throttle: throttleSchema.meta({
      description:
        'What it heeds: slower, or a pause, as long as the database or the people who use it suffer; "off" heeds nothing.',
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
  })
  .refine(({ set, transform }) => (set === undefined) !== (transform === undefined), {
    error: 'expected either "set" or "transform"',
  });

export type BackfillConfig = z.output<typeof backfillConfigSchema>;

export function keyOf({ key }: Pick<BackfillConfig, 'key'>): readonly string[] {
  return typeof key === 'string' ? [key] : key;
}

/** The columns that it gives values to. */
export function filledColumns({
  set,
  transform,
}: Pick<BackfillConfig, 'set' | 'transform'>): readonly string[] {
  return transform ? transform.write : Object.keys(set ?? {});
}
