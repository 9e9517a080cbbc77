import { z } from 'zod';
import { paceSchema } from '../backfill/config.ts';
import { columnNameSchema, tableNameSchema } from '../sql/identifiers.ts';
import { lockLimits } from '../target/lock-limits.ts';

const expression = z.string().min(1);

const columnChangeSchema = z
  .strictObject({
    from: columnNameSchema.exactOptional().meta({ description: 'What the old release calls it.' }),
    to: columnNameSchema.exactOptional().meta({ description: 'What the new release calls it.' }),
    type: z
      .string()
      .min(1)
      .exactOptional()
      .meta({
        description: 'Its type in the new shape. Default: as in the old one.',
        examples: ['bigint'],
      }),
    up: expression.exactOptional().meta({
      description:
        'SQL over a row of the old shape that gives the new value. Default: the old value as it is.',
      examples: ['score::integer'],
    }),
    down: expression.exactOptional().meta({
      description:
        'SQL over a row of the new shape that gives the old value. Default: the new value as it is.',
      examples: ['points::text'],
    }),
    default: expression.exactOptional().meta({
      description:
        'Of the new column: in force from the contract on, or at once in a table that is written anew.',
    }),
    not_null: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Whether the new column may not be null. Default: as in the old shape.' }),
  })
  .refine(({ from, to }) => from !== undefined || to !== undefined, {
    error: 'expected from (a column that goes), to (one that comes), or both (one that changes)',
  })
  .refine(({ from, to, type }) => from !== undefined || to === undefined || type !== undefined, {
    error: 'expected a type for a column that comes new',
  });

const schemaNameSchema = columnNameSchema.meta({
  description: 'A schema. It is made if it is not there.',
  examples: ['batch_2'],
});

export const reshapeConfigSchema = z
  .strictObject({
    table: tableNameSchema,
    key: columnNameSchema.meta({
      description:
        'A column that identifies a row and never changes: unique, not null, of type uuid, integer or text.',
      examples: ['id'],
    }),
    columns: z
      .array(columnChangeSchema)
      .prefault([])
      .meta({ description: 'How the new shape differs from the old one.' }),
    rewrite: z
      .boolean()
      .prefault(false)
      .meta({
        description:
          'Whether the whole table is written anew beside the old one. Otherwise new columns stand beside the old ones. Where no ' +
          'column changes, the new table takes the name at the end of this step; else in the contract step.',
      }),
    views: z
      .strictObject({ old: schemaNameSchema.exactOptional(), new: schemaNameSchema.exactOptional() })
      .exactOptional()
      .meta({
        description:
          'Schemas in which a view of the table’s name has the old shape, and the new one: a release finds its own by its search_path.',
        examples: [{ old: 'batch_1', new: 'batch_2' }],
      }),
    batch_size: z
      .int()
      .min(1)
      .max(100_000)
      .prefault(500)
      .meta({ description: 'Rows in one transaction at most: whoever changes one of them waits for it.' }),
    pace: paceSchema,
    ...lockLimits,
  })
  .refine(({ rewrite, columns }) => rewrite || columns.length > 0, {
    path: ['columns'],
    error: 'expected at least one column, or rewrite: true',
  });

export type ReshapeConfig = z.output<typeof reshapeConfigSchema>;
export type ColumnChange = z.output<typeof columnChangeSchema>;
