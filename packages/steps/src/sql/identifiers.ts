import { z } from 'zod';

const part = '[A-Za-z_][A-Za-z0-9_$]{0,62}';
const expectedTable = 'expected a table name such as "messages" or "auth.users"';
const expectedColumn = 'expected a column name such as "id": letters, digits and _, at most 63';

/** `messages` or `auth.users`: safe to quote, so that no setting can become a statement of its own. */
export const tableNameSchema = z
  .string({ error: expectedTable })
  .regex(new RegExp(`^${part}(\\.${part})?$`), { error: expectedTable })
  .meta({
    description: 'A table, with its schema where it is not on the search path.',
    examples: ['messages'],
  });

export const columnNameSchema = z
  .string({ error: expectedColumn })
  .regex(new RegExp(`^${part}$`), { error: expectedColumn })
  .meta({ description: 'A column.', examples: ['id'] });

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `auth.users` → `"auth"."users"`. */
export function quoteTable(name: string): string {
  return name.split('.').map(quoteIdentifier).join('.');
}
