import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { quoteRelation } from '../../sql/quote-name.ts';
import { theRow } from '../../sql/the-row.ts';
import { inTransaction } from '../../target/in-transaction.ts';
import type { RelationName } from '../../target/lock-holders.ts';
import { probeColumn } from './probe-column.ts';
import type { Ground, Recipe } from './recipe.ts';
import { imaginedTable, type ColumnFacts, type Partition, type TableFacts } from './table-facts.ts';

const limits = { lockTimeoutMs: 2_000, statementTimeoutMs: 30_000, readOnly: true };

/**
 * Asks the server what a recipe must know of it, and leaves nothing there.
 * @throws TerminalError when the table is not there, or is none.
 */
export async function readGround(connection: TargetConnection, recipe: Recipe): Promise<Ground> {
  const { serverMajor, table } = await inTransaction(connection, limits, async () => ({
    serverMajor: await readServerMajor(connection),
    table: recipe.table
      ? await readTable(connection, recipe.table)
      : imaginedTable({ schema: null, name: '' }),
  }));
  return { serverMajor, table, rewrites: await probeColumn(connection, recipe) };
}

export async function readServerMajor(connection: TargetConnection): Promise<number> {
  const { rows } = await connection.query<{ major: number }>(
    `select current_setting('server_version_num')::integer / 10000 as major`,
  );
  return theRow(rows).major;
}

async function readTable(connection: TargetConnection, wanted: RelationName): Promise<TableFacts> {
  const { oid, kind, ...name } = await findTable(connection, wanted);
  const partitions = kind === 'p' ? await readPartitions(connection, oid) : [];
  const schemas = [
    ...new Set([name, ...partitions.map((partition) => partition.name)].map(({ schema }) => schema)),
  ];
  return {
    name,
    isPartitioned: kind === 'p',
    partitions,
    columns: await readColumns(connection, oid),
    key: await readKey(connection, oid),
    takenNames: await readTakenNames(connection, schemas, oid),
    pages: await readPages(connection, oid),
  };
}

interface FoundTable extends RelationName {
  readonly oid: string;
  readonly kind: string;
}

async function findTable(connection: TargetConnection, wanted: RelationName): Promise<FoundTable> {
  const { rows } = await connection.query<FoundTable>(
    `select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind as kind
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)`,
    [quoteRelation(wanted)],
  );
  const [found] = rows;
  if (!found) throw new TerminalError(`there is no table ${quoteRelation(wanted)} in this database`);
  if (found.kind !== 'r' && found.kind !== 'p')
    throw new TerminalError(`${quoteRelation(wanted)} is no table that can be changed so: expected a table`);
  return found;
}

async function readPartitions(connection: TargetConnection, oid: string): Promise<readonly Partition[]> {
  const { rows } = await connection.query<{
    oid: string;
    parent: string;
    schema: string;
    name: string;
    kind: string;
  }>(
    `select t.relid::oid::text as oid, t.parentrelid::oid::text as parent, n.nspname as schema, c.relname as name, c.relkind as kind
       from pg_partition_tree($1::oid) t
       join pg_class c on c.oid = t.relid
       join pg_namespace n on n.oid = c.relnamespace
      where t.level > 0 order by t.level, n.nspname, c.relname`,
    [oid],
  );
  return rows.map(({ schema, name, kind, parent }) => {
    const place = rows.findIndex((row) => row.oid === parent);
    return {
      name: { schema, name },
      parent: place < 0 ? null : place,
      isPartitioned: kind === 'p',
      isForeign: kind === 'f',
    };
  });
}

async function readColumns(connection: TargetConnection, oid: string): Promise<TableFacts['columns']> {
  const { rows } = await connection.query<ColumnFacts & { name: string }>(
    `select a.attname as name, a.attnotnull and not exists (
              select from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey[1] = a.attnum
                 and not k.convalidated) as "notNull", case a.attidentity when 'a' then 'always' when 'd' then 'by default' end as identity,
            pg_get_expr(d.adbin, d.adrelid) as default,
            exists (select from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
                     where i.indrelid = a.attrelid and i.indkey[0] = a.attnum and i.indisvalid and i.indpred is null
                       and m.amname = 'btree') as "leadsIndex"
       from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped`,
    [oid],
  );
  return new Map(rows.map(({ name, ...facts }) => [name, facts]));
}

async function readKey(connection: TargetConnection, oid: string): Promise<readonly string[]> {
  const { rows } = await connection.query<{ name: string }>(
    `select a.attname as name from pg_index i cross join unnest(i.indkey) with ordinality k (attnum, place)
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where i.indrelid = $1::oid and i.indisprimary order by k.place`,
    [oid],
  );
  return rows.map(({ name }) => name);
}

/**
 * Not those on the table itself: what bears there the name that Postgres would give is such an index or constraint, most often,
 * made by another tool. It is looked at before anything is done, and not given a twin.
 */
async function readTakenNames(
  connection: TargetConnection,
  schemas: readonly (string | null)[],
  oid: string,
): Promise<ReadonlySet<string>> {
  const { rows } = await connection.query<{ name: string }>(
    `with n as (select oid from pg_namespace where nspname = any($1))
     select relname as name from pg_class c where relnamespace in (select oid from n)
        and not exists (select from pg_index i where i.indexrelid = c.oid and i.indrelid = $2::oid)
     union select conname from pg_constraint where connamespace in (select oid from n) and conrelid <> $2::oid`,
    [schemas, oid],
  );
  return new Set(rows.map(({ name }) => name));
}

/** What lies on the disk now: statistics of a table that nobody has looked at say 0. */
async function readPages(connection: TargetConnection, oid: string): Promise<number> {
  const { rows } = await connection.query<{ pages: number }>(
    `select coalesce(sum(pg_relation_size(relid)) / current_setting('block_size')::integer, 0)::float8 as pages
       from (select relid::oid as relid from pg_partition_tree($1::oid) union select $1::oid) t`,
    [oid],
  );
  return theRow(rows).pages;
}
