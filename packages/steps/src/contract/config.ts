import { z } from 'zod';
import { columnNameSchema, tableNameSchema } from '../sql/identifiers.ts';
import { lockLimits } from '../target/lock-limits.ts';

export const contractConfigSchema = z
  .strictObject({
    of: z
      .string()
      .min(1)
      .exactOptional()
      .meta({
        description: 'The step of type reshape whose old shape goes.',
        examples: ['points-instead-of-scores'],
      }),
    drop_column: z
      .strictObject({ table: tableNameSchema, column: columnNameSchema })
      .exactOptional()
      .meta({ description: 'A column that nobody uses any more.' }),
    drop_table: tableNameSchema.exactOptional().meta({ description: 'A table that nobody uses any more.' }),
    loses: z.array(z.string().min(1)).prefault([]).meta({
      description:
        'Indexes, constraints and triggers that go with it, by name. What would go and is not named here is told, and nothing is dropped.',
    }),
    ...lockLimits,
  })
  .refine(
    ({ of, drop_column, drop_table }) =>
      [of, drop_column, drop_table].filter((one) => one !== undefined).length === 1,
    {
      error: 'expected exactly one of of, drop_column and drop_table',
    },
  );

export type ContractConfig = z.output<typeof contractConfigSchema>;
