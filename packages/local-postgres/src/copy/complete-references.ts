import { copySelected } from './copy-selected.ts';
import type { SampledTable, SampleWork } from './copy-selected.ts';

type Reference = { child: string; parent: string; childColumns: string[]; parentColumns: string[] };

const LOOKED_FOR_AT_ONCE = 50_000;
const ASKED_AT_ONCE = 500;

/** Those that hold: one that is not validated need not. */
const REFERENCES = `
  select format('%I.%I', cn.nspname, c.relname) as child, format('%I.%I', pn.nspname, p.relname) as parent,
         array(select quote_ident(a.attname) from unnest(k.conkey) with ordinality as u (number, place)
                 join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number order by place) as "childColumns",
         array(select quote_ident(a.attname) from unnest(k.confkey) with ordinality as u (number, place)
                 join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number order by place) as "parentColumns"
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
    join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
   where k.contype = 'f' and k.conparentid = 0 and k.convalidated`;

/** Copies the rows to which those of a sample refer, and the ones to which these refer, until nothing is missing. */
export async function completeReferences(work: SampleWork, tables: readonly SampledTable[]): Promise<void> {
  const { rows: references } = await work.source.query<Reference>(REFERENCES);
  for (let again = true; again;) {
    again = false;
    for (const reference of references) {
      const parent = tables.find(({ name }) => name === reference.parent);
      if (parent !== undefined) again = (await completeOne(work, reference, parent)) || again;
    }
  }
}

/** Whether something was missing. */
async function completeOne(work: SampleWork, reference: Reference, parent: SampledTable): Promise<boolean> {
  let before = '';
  for (;;) {
    const missing = await missingKeys(work, reference);
    if (missing.length === 0) return before !== '';
    const first = literalsOf(missing[0] ?? []);
    if (first === before)
      throw new Error(
        `${reference.child} refers to a row of ${reference.parent} that is not there: ${first}`,
      );
    before = first;
    for (let at = 0; at < missing.length; at += ASKED_AT_ONCE) {
      const wanted = missing
        .slice(at, at + ASKED_AT_ONCE)
        .map(literalsOf)
        .join(', ');
      const where = `(${reference.parentColumns.join(', ')}) in (${wanted})`;
      await copySelected(work, parent, `select ${parent.columns} from ${parent.name} where ${where}`);
    }
  }
}

/** Of no type yet: they take those of the columns, so that an index is used. */
function literalsOf(key: readonly string[]): string {
  const literals = key.map((value) => ` E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`);
  return `(${literals.join(', ')})`;
}

async function missingKeys({ copy }: SampleWork, reference: Reference): Promise<string[][]> {
  const { child, parent, childColumns, parentColumns } = reference;
  const keys = childColumns.map((column) => `c.${column}`);
  const same = childColumns.map((column, index) => `p.${parentColumns[index]} = c.${column}`);
  const { rows } = await copy.query<{ key: string[] }>(
    `select distinct array[${keys.map((key) => `${key}::text`).join(', ')}] as key from ${child} c
      where ${keys.map((key) => `${key} is not null`).join(' and ')}
        and not exists (select from ${parent} p where ${same.join(' and ')})
      order by 1 limit ${LOOKED_FOR_AT_ONCE}`,
  );
  return rows.map(({ key }) => key);
}
