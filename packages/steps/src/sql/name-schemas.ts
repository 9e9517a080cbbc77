import { z } from 'zod';
import type { RelationName } from '../target/lock-holders.ts';

/** Postgres cuts longer names off: two that differ only behind that would become one. */
export const longestNameBytes = 63;

const plain = '[A-Za-z_\\u0080-\\uffff][A-Za-z0-9_$\\u0080-\\uffff]*';
const quoted = '"(?:[^"\\u0000]|"")+"';
const part = `(?:${plain}|${quoted})`;
const rule = 'taken as it is written; in double quotes where it has blanks, dots or other signs';
const expectedTable = 'expected a table such as messages, auth.users or "Old Data"."my table"';
const expectedName = 'expected a name such as person_id or "Person Id"';
const tooLong = `expected a name of at most ${longestNameBytes} bytes: Postgres would cut it off`;

/** `auth.users` or `"Old Data"."my table"`: safe to quote, so that no setting can become a statement of its own. */
export const relationSchema = z
  .string({ error: expectedTable })
  .regex(new RegExp(`^${part}(?:\\.${part})?$`), { error: expectedTable })
  .meta({
    description: `A table, with its schema where it is not on the search path: ${rule}.`,
    examples: ['messages', 'auth.users'],
  })
  .refine((text) => namesIn(text).every(fits), { error: tooLong })
  .transform((text): RelationName => {
    const [name = '', schema = null] = namesIn(text).toReversed();
    return { schema, name };
  });

/** The name of a column, a constraint or an index. */
export const nameSchema = z
  .string({ error: expectedName })
  .regex(new RegExp(`^${part}$`), { error: expectedName })
  .meta({ description: `A name: ${rule}.`, examples: ['person_id'] })
  .refine((text) => namesIn(text).every(fits), { error: tooLong })
  .transform((text) => namesIn(text)[0] ?? '');

/** `a."b.c"` → a, b.c */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(new RegExp(part, 'g'))].map(([name]) =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name,
  );
}

function fits(name: string): boolean {
  return new TextEncoder().encode(name).length <= longestNameBytes;
}
