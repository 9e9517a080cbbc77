import type { TargetConnection } from '@crossfade/engine';
import { quoteTable } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import { eachInTransaction } from '../target/each-in-transaction.ts';
import type { KeyColumn } from './row-key.ts';

export interface TableFacts {
  readonly key: readonly KeyColumn[];
  readonly estimatedRows: number;
  readonly pages: number;
  /** Of the key's first column with the place on disk; null where the table was not analysed. */
  readonly correlation: number | null;
  /** One relation with rows of its own, which its partitions or its children do not share. */
  readonly isPlain: boolean;
  /** Some of its constraints or triggers wait for the commit. */
  readonly hasDeferred: boolean;
}

const keyTypes = new Set([
  'uuid',
  'bigint',
  'integer',
  'smallint',
  'text',
  'character varying',
  'date',
  'timestamp with time zone',
  'timestamp without time zone',
]);

interface Found {
  readonly columns: readonly (KeyColumn & { readonly notNull: boolean })[];
  readonly unique: boolean;
  readonly estimatedRows: number;
  readonly pages: number;
  readonly correlation: number | null;
  readonly isPlain: boolean;
  readonly hasDeferred: boolean;
}

/** The facts, or what is wrong with the table or its key, in words that follow the name of the key. */
export async function readTableFacts(
  connection: TargetConnection,
  table: string,
  key: readonly string[],
): Promise<TableFacts | { readonly problem: string }> {
  const { rows } = await eachInTransaction(connection).query<Found>(question, [quoteTable(table), key]);
  const found = theRow(rows);
  const columns = found.columns.map(({ name, type, notNull }) => ({
    name,
    type: type.replace(/\(\d+\)/, ''),
    notNull,
  }));
  const problem = problemOf(key, columns, found.unique);
  if (problem !== undefined) return { problem };
  return { ...found, key: columns.map(({ name, type }) => ({ name, type })) };
}

function problemOf(key: readonly string[], columns: Found['columns'], unique: boolean): string | undefined {
  if (columns.length < key.length) return 'does not exist';
  for (const { name, type, notNull } of columns) {
    const which = key.length === 1 ? '' : `: ${name} `;
    if (!keyTypes.has(type)) return `${which}is of type ${type}: expected ${[...keyTypes].join(', ')}`;
    if (!notNull) return `${which}may be null: expected a column that is not null`;
  }
  return unique ? undefined : 'has no unique index of its own: expected a primary or unique key';
}

/** A unique index counts when it has exactly these columns, in this order: rows are passed along it. */
const question = `
  with target as (select to_regclass($1)::oid as oid), wanted as (
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull", a.attnum, k.at
      from unnest($2::text[]) with ordinality as k (name, at)
      join pg_attribute a on a.attrelid = (select oid from target) and a.attname = k.name and not a.attisdropped
  )
  select coalesce((select jsonb_agg(jsonb_build_object('name', name, 'type', type, 'notNull', "notNull") order by at)
                     from wanted), '[]') as columns,
         exists (select from pg_index i
                  where i.indrelid = (select oid from target) and i.indisunique and i.indisvalid and i.indpred is null
                    and i.indnkeyatts = cardinality($2::text[])
                    and (select array_agg(attnum order by at) from wanted)
                        = (select array_agg(n order by at) from unnest(i.indkey::int2[]) with ordinality as u (n, at)
                            where at <= i.indnkeyatts)) as "unique",
         coalesce((select case when c.relkind = 'p' then coalesce((
                            select sum(greatest(p.reltuples, 0)) from pg_partition_tree(c.oid) t join pg_class p on p.oid = t.relid
                             where t.isleaf), 0)
                          else greatest(c.reltuples, 0) end
                     from pg_class c where c.oid = (select oid from target)), 0)::float8 as "estimatedRows",
         coalesce((select case when c.relkind = 'r' then pg_relation_size(c.oid) / current_setting('block_size')::int end
                     from pg_class c where c.oid = (select oid from target)), 0)::float8 as pages,
         (select s.correlation from pg_stats s join pg_class c on c.relname = s.tablename join pg_namespace n
              on n.oid = c.relnamespace and n.nspname = s.schemaname
           where c.oid = (select oid from target) and s.attname = ($2::text[])[1] and not s.inherited)::float8 as correlation,
         coalesce((select c.relkind = 'r' and not c.relhassubclass from pg_class c where c.oid = (select oid from target)), false)
           as "isPlain",
         exists (select from pg_trigger g where g.tginitdeferred and (g.tgrelid = (select oid from target)
                   or g.tgrelid in (select relid from pg_partition_tree((select oid from target))))) as "hasDeferred"`;
