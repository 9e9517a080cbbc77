import type { RelationName } from '../target/lock-holders.ts';
import { parseStatements } from './parse-statements.ts';

const known = new Map<string, string>();

/** A name as SQL that people read at night: bare where Postgres' own parser takes it for itself, else in double quotes. */
export function quoteName(name: string): string {
  const before = known.get(name);
  if (before !== undefined) return before;
  const quoted = isItself(name) ? name : `"${name.replaceAll('"', '""')}"`;
  known.set(name, quoted);
  return quoted;
}

export function quoteRelation({ schema, name }: RelationName): string {
  return (schema === null ? '' : `${quoteName(schema)}.`) + quoteName(name);
}

/** `a, "B"` */
export function quoteNames(names: readonly string[]): string {
  return names.map(quoteName).join(', ');
}

/** A text as SQL, whatever the server thinks of backslashes. */
export function quoteText(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** Not folded to lower case, and no word of SQL's own, neither where a name is declared nor in an expression. */
function isItself(name: string): boolean {
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) return false;
  return [`alter table ${name} alter column ${name} drop default`, `select ${name} is null`].every(
    (sql) => parseStatements(sql).ok,
  );
}
