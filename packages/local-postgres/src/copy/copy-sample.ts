import type { Client } from 'pg';
import { completeReferences } from './complete-references.ts';
import { copySelected } from './copy-selected.ts';
import type { SampledTable, SampleWork } from './copy-selected.ts';

/** Small tables are usually what others refer to: kinds, settings, countries. */
const TAKEN_WHOLE_ROWS = 1000;

/** Generated columns are not copied: the copy generates them. */
const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name, c.relkind = 'p' as partitioned,
         (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
         c.reltuples::float8 as rows
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
   order by 1`;

/** Copies a part of the rows of every table, all rows that they refer to, and where sequences stand. */
export async function copySample(work: SampleWork): Promise<void> {
  const { rows: tables } = await work.source.query<SampledTable>(TABLES);
  const filled = tables.filter(({ columns }) => columns !== null);
  for (const table of filled) {
    if (!table.partitioned) await copyRows(work, table, await choiceOf(work, table));
  }
  await completeReferences(work, filled);
  await copySequences(work);
}

/** What comes behind the table's name, so that only some rows are read. */
async function choiceOf({ source, sample }: SampleWork, table: SampledTable): Promise<string> {
  const rows = table.rows >= 0 ? table.rows : await countRows(source, table);
  const wanted = 'rows' in sample ? sample.rows : (rows * sample.percent) / 100;
  if (rows <= Math.max(wanted, TAKEN_WHOLE_ROWS)) return '';
  return `tablesample bernoulli (${((wanted / rows) * 100).toFixed(6)})`;
}

/** Nobody has analysed it yet, so that it is new or small. */
async function countRows(source: Client, { name }: SampledTable): Promise<number> {
  const { rows } = await source.query<{ rows: number }>(`select count(*)::float8 as rows from only ${name}`);
  return rows[0]?.rows ?? 0;
}

async function copyRows(work: SampleWork, table: SampledTable, choice: string): Promise<void> {
  await copySelected(work, table, `select ${table.columns} from only ${table.name} ${choice}`);
}

async function copySequences({ source, copy }: SampleWork): Promise<void> {
  const { rows } = await source.query<{ name: string; value: string }>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value::text as value
       from pg_sequences where last_value is not null`,
  );
  for (const { name, value } of rows)
    await copy.query('select setval($1::regclass, $2::bigint)', [name, value]);
}
