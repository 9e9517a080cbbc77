import type { TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import type { RelationName } from '../../target/lock-holders.ts';
import type { DiskUse, IndexBuild } from './disk-use.ts';

export interface TableSize {
  /** Rows without what is kept apart, with it, and with indexes. */
  readonly heapBytes: number;
  readonly tableBytes: number;
  readonly totalBytes: number;
  /** Null where nobody has counted them yet. */
  readonly rows: number | null;
  /** By column, as far as the table was analysed. */
  readonly widths: Readonly<Record<string, number>>;
  /** All of it lies where the server keeps its data, and not in a tablespace of its own. */
  readonly inDataDirectory: boolean;
}

/** What a use takes for good, and what it takes beside that while it is at work. */
export interface DiskNeed {
  readonly keepsBytes: number;
  readonly spillsBytes: number;
}

/** Per entry of a B-tree: its header, its place in the page, and what aligns it; pages are filled to nine tenths. */
const entryBytes = 20;
const pageFill = 0.85;
/** Of rows that are written anew with a wider type or a new column. */
const growth = 1.2;

/** Rather too much than too little: all rows, whatever a WHERE leaves out, and a sort that spills all that it keeps. */
export function estimateDiskNeed({ work }: DiskUse, size: TableSize): DiskNeed {
  if (work.kind === 'rewrite') return { keepsBytes: size.totalBytes * growth, spillsBytes: 0 };
  if (work.method === 'brin') return { keepsBytes: size.heapBytes / 100, spillsBytes: 0 };
  const bytes = indexBytes(work, size);
  return { keepsBytes: bytes, spillsBytes: bytes };
}

function indexBytes(
  { method, columns }: IndexBuild,
  { rows, heapBytes, tableBytes, widths }: TableSize,
): number {
  // Of what one value becomes in a GIN or GiST index nobody knows the size.
  if (method !== 'btree' && method !== 'hash') return tableBytes;
  if (rows === null) return heapBytes;
  if (rows === 0) return 0;
  const rowBytes = heapBytes / rows;
  const widthOf = (column: string | null): number =>
    column === null ? rowBytes : (widths[column] ?? rowBytes);
  const width = columns.reduce((sum, column) => sum + widthOf(column), 0);
  return (rows * (width + entryBytes)) / pageFill;
}

/** What all uses keep together, and the largest that one of them takes beside it. */
export function addUp(needs: readonly DiskNeed[]): number {
  const kept = needs.reduce((sum, { keepsBytes }) => sum + keepsBytes, 0);
  return kept + Math.max(0, ...needs.map(({ spillsBytes }) => spillsBytes));
}

/** Undefined for a table that is not there yet: it is empty. Without the widths of its columns: each counts as a whole row. */
export async function sizeOf(
  connection: TargetConnection,
  { schema, name }: RelationName,
): Promise<TableSize | undefined> {
  const { rows } = await connection.query<TableSize>(question, [quoted({ schema, name })]);
  return rows[0];
}

/** In bytes, by column, as far as the table was analysed. */
export async function widthsOf(
  connection: TargetConnection,
  table: RelationName,
): Promise<TableSize['widths']> {
  const { rows } = await connection.query<{ column: string; width: number }>(
    `select s.attname as column, max(s.avg_width)::int as width
       from pg_stats s join pg_class k on k.relname = s.tablename
       join pg_namespace n on n.oid = k.relnamespace and n.nspname = s.schemaname
      where k.oid = to_regclass($1) group by s.attname`,
    [quoted(table)],
  );
  return Object.fromEntries(rows.map(({ column, width }) => [column, width]));
}

function quoted({ schema, name }: RelationName): string {
  return (schema === null ? '' : `${quoteIdentifier(schema)}.`) + quoteIdentifier(name);
}

/** Of a partitioned table, all partitions together. */
const question = `
  with t as (select to_regclass($1)::oid as oid),
  parts as (
    select oid from t union select relid::oid from t, pg_partition_tree(t.oid::regclass)
  )
  select coalesce(sum(pg_relation_size(c.oid)), 0)::float8 as "heapBytes",
         coalesce(sum(pg_table_size(c.oid)), 0)::float8 as "tableBytes",
         coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as "totalBytes",
         case when bool_and(c.reltuples >= 0 or c.relkind = 'p') then sum(greatest(c.reltuples, 0))::float8 end as rows,
         coalesce(bool_and(c.reltablespace = 0), true) and (select dattablespace from pg_database where datname = current_database())
           = (select oid from pg_tablespace where spcname = 'pg_default') as "inDataDirectory",
         '{}'::jsonb as widths
    from parts p join pg_class c on c.oid = p.oid
  having count(*) > 0`;
