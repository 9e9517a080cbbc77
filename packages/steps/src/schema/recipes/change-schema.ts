import { z } from 'zod';
import { nameSchema, relationSchema } from '../../sql/name-schemas.ts';

const columnsSchema = z
  .array(nameSchema)
  .min(1, { error: 'expected at least one column' })
  .meta({ description: 'Columns, in this order.' });
const expressionSchema = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .meta({ description, examples: [example] });
const onChangeSchema = z.enum(['no action', 'restrict', 'cascade', 'set null', 'set default']);
const derived = 'as Postgres would name it, when it is left out';

const addIndexSchema = z
  .strictObject({
    table: relationSchema,
    columns: columnsSchema.exactOptional(),
    expressions: z
      .array(expressionSchema('What to index, with its order or operator class.', 'lower(email)'))
      .min(1)
      .exactOptional()
      .meta({ description: 'In place of columns: expressions, or columns with an order.' }),
    unique: z.boolean().prefault(false),
    method: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, { error: 'expected an index method such as btree, gin or brin' })
      .exactOptional()
      .meta({ description: 'btree, when nothing is said.' }),
    where: expressionSchema('Only rows for which this is true.', 'deleted_at is null').exactOptional(),
    include: columnsSchema.exactOptional(),
    name: nameSchema.exactOptional().meta({ description: `Of the index; ${derived}.` }),
  })
  .meta({ description: 'Builds an index CONCURRENTLY, on each partition where there are some.' });

const setNotNullSchema = z
  .strictObject({ table: relationSchema, column: nameSchema })
  .meta({ description: 'NOT NULL, proven beside readers and writers before it is in force.' });

const addCheckSchema = z
  .strictObject({
    table: relationSchema,
    name: nameSchema,
    check: expressionSchema('What must be true of every row, or unknown.', 'length(body) <= 40000'),
  })
  .meta({ description: 'A CHECK: NOT VALID first, then VALIDATE.' });

const addForeignKeySchema = z
  .strictObject({
    table: relationSchema,
    columns: columnsSchema,
    references: z.strictObject({ table: relationSchema, columns: columnsSchema }),
    on_delete: onChangeSchema.exactOptional(),
    on_update: onChangeSchema.exactOptional(),
    deferrable: z.union([z.boolean(), z.literal('initially deferred')]).prefault(false),
    name: nameSchema.exactOptional().meta({ description: `Of the constraint; ${derived}.` }),
  })
  .meta({ description: 'A foreign key: NOT VALID first, then VALIDATE.' });

const addUniqueSchema = z
  .strictObject({
    table: relationSchema,
    columns: columnsSchema,
    name: nameSchema.exactOptional().meta({ description: `Of the constraint and its index; ${derived}.` }),
  })
  .meta({ description: 'A UNIQUE constraint, over an index that is built CONCURRENTLY first.' });

const addColumnSchema = z
  .strictObject({
    table: relationSchema,
    column: nameSchema,
    type: expressionSchema('A type, as in SQL.', 'timestamptz'),
    default: expressionSchema(
      'An SQL expression. One that gives another value for each row is for new rows only: old ones need a backfill.',
      "'open'",
    ).exactOptional(),
    not_null: z
      .boolean()
      .prefault(false)
      .meta({ description: 'Only with a default that is one value for all rows.' }),
  })
  .meta({ description: 'A column, without writing the table anew.' });

const addEnumValueSchema = z
  .strictObject({
    type: relationSchema.meta({
      description: 'An enum type, with its schema where it is not on the search path.',
    }),
    value: z.string().min(1),
    before: z.string().min(1).exactOptional().meta({ description: 'A value that it comes before.' }),
    after: z.string().min(1).exactOptional().meta({ description: 'A value that it comes after.' }),
  })
  .meta({ description: 'A value of an enum type. An undo leaves it there.' });

const addIdentitySchema = z
  .strictObject({
    table: relationSchema,
    column: nameSchema.meta({ description: 'A NOT NULL column of integers without a default.' }),
    always: z
      .boolean()
      .prefault(false)
      .meta({ description: 'Whether nobody may give a value of their own (GENERATED ALWAYS).' }),
  })
  .meta({ description: 'Numbers that go on above the largest there is.' });

const recipeSchemas = {
  add_index: addIndexSchema.exactOptional(),
  set_not_null: setNotNullSchema.exactOptional(),
  add_check: addCheckSchema.exactOptional(),
  add_foreign_key: addForeignKeySchema.exactOptional(),
  add_unique: addUniqueSchema.exactOptional(),
  add_column: addColumnSchema.exactOptional(),
  add_enum_value: addEnumValueSchema.exactOptional(),
  add_identity: addIdentitySchema.exactOptional(),
};

export const changeSchema = z
  .strictObject(recipeSchemas)
  .refine((change) => Object.keys(change).length === 1, {
    error: `expected exactly one of ${Object.keys(recipeSchemas).join(', ')}`,
  })
  .meta({
    description: 'A change of the schema that keeps nobody waiting, in place of SQL: one of these.',
    minProperties: 1,
    maxProperties: 1,
  });

export type Change = z.output<typeof changeSchema>;
export type AddIndex = z.output<typeof addIndexSchema>;
export type SetNotNull = z.output<typeof setNotNullSchema>;
export type AddCheck = z.output<typeof addCheckSchema>;
export type AddForeignKey = z.output<typeof addForeignKeySchema>;
export type AddUnique = z.output<typeof addUniqueSchema>;
export type AddColumn = z.output<typeof addColumnSchema>;
export type AddEnumValue = z.output<typeof addEnumValueSchema>;
export type AddIdentity = z.output<typeof addIdentitySchema>;
