import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { quoteIdentifier, quoteTable } from '../../sql/identifiers.ts';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import { parseExactly } from './parse-exactly.ts';

export interface Column {
  readonly name: string;
  /** As Postgres writes it: `bytea`, `character varying(40)`. */
  readonly type: string;
  /** The same without a length, quoted: what is assigned and is too long is an error then, where a cast would cut it off. */
  readonly plainType: string;
  readonly isArray: boolean;
  /** All of its values are equally long, and short. */
  readonly isFixed: boolean;
  /** In bytes, by pg_stats; null where the table was not analysed. */
  readonly averageWidth: number | null;
}

/**
 * The columns in the order of their names here.
 * @throws TerminalError with those that the table does not have.
 */
export async function readColumns(
  connection: TargetConnection,
  table: string,
  names: readonly string[],
): Promise<readonly Column[]> {
  const { rows } = await eachInTransaction(connection).query<Column>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
            (select format('%I.%I', tn.nspname, t.typname) from pg_type t join pg_namespace tn on tn.oid = t.typnamespace
              where t.oid = a.atttypid) as "plainType",
            (select t.typcategory = 'A' from pg_type t where t.oid = a.atttypid) as "isArray",
            a.attlen > 0 as "isFixed", s.avg_width::int as "averageWidth"
       from unnest($2::text[]) with ordinality as k (name, at)
       join pg_attribute a on a.attrelid = to_regclass($1) and a.attname = k.name and not a.attisdropped and a.attnum > 0
       join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       left join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname and not s.inherited
      order by k.at`,
    [quoteTable(table), names],
  );
  const missing = names.filter((name) => !rows.some((row) => row.name === name));
  if (missing.length > 0) throw new TerminalError(`${table} has no column ${missing.join(', ')}`);
  return rows;
}

/** Types that a transform is given as they are; all others come as Postgres writes them, so that nothing of them is lost. */
const givenAsTheyAre =
  /^(text|character|character varying|uuid|citext|boolean|smallint|integer|real|double precision|bytea|json|jsonb)(\(\d+\))?$/;

export const isGivenAsItIs = (type: string): boolean => givenAsTheyAre.test(type);

export function asRead(table: string, { name, type }: Column): string {
  const column = `${table}.${quoteIdentifier(name)}`;
  return isGivenAsItIs(type) && !isJson(type) ? column : `${column}::text`;
}

const isJson = (type: string): boolean => /^jsonb?$/.test(type);

/**
 * What a transform is given for a column as it was read.
 * @throws TransformFault for JSON with a number that a number of JavaScript would change.
 */
export function asGiven({ name, type }: Column, value: unknown): unknown {
  return isJson(type) && typeof value === 'string' ? parseExactly(name, value) : value;
}

/** What a transform returned, as a text that Postgres reads as the column's type; null stays null. */
export function asWritten({ name, type }: Column, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return value.toISOString();
  if (isJson(type)) return JSON.stringify(value);
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      throw new TypeError(
        `${name}: a transform returned ${typeof value}: expected text, a number, a boolean, bytes, a date or null`,
      );
  }
}
