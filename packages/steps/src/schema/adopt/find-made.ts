import type { TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import type { MadeObject } from './made-objects.ts';

/** For each of the objects, whether something of that kind and name is there. */
export async function findMade(
  connection: TargetConnection,
  objects: readonly MadeObject[],
): Promise<readonly boolean[]> {
  if (objects.length === 0) return [];
  const { rows } = await connection.query<{ there: boolean }>(question, [
    objects.map(({ kind }) => kind),
    objects.map(({ schema }) => schema),
    objects.map(({ schema, table, name }) => qualified(schema, table ?? name)),
    objects.map(({ name }) => name),
  ]);
  return rows.map(({ there }) => there);
}

function qualified(schema: string | null, name: string): string {
  return (schema === null ? '' : `${quoteIdentifier(schema)}.`) + quoteIdentifier(name);
}

/** An index lies in the schema of its table. Whatever has the name of a table, a view or a sequence is in its way. */
const question = `
  select case o.kind
           when 'index' then exists (
             select from pg_class t join pg_class i on i.relnamespace = t.relnamespace
              where t.oid = to_regclass(o.place) and i.relname = o.name)
           when 'column' then exists (
             select from pg_attribute a
              where a.attrelid = to_regclass(o.place) and a.attname = o.name and a.attnum > 0 and not a.attisdropped)
           when 'constraint' then exists (
             select from pg_constraint k where k.conrelid = to_regclass(o.place) and k.conname = o.name)
           when 'trigger' then exists (
             select from pg_trigger t where t.tgrelid = to_regclass(o.place) and t.tgname = o.name)
           when 'policy' then exists (
             select from pg_policy p where p.polrelid = to_regclass(o.place) and p.polname = o.name)
           when 'function' then exists (
             select from pg_proc p
              where p.proname = o.name
                and p.pronamespace = (select n.oid from pg_namespace n where n.nspname = coalesce(o.schema, current_schema())))
           when 'type' then to_regtype(o.place) is not null
           when 'schema' then exists (select from pg_namespace n where n.nspname = o.name)
           when 'extension' then exists (select from pg_extension e where e.extname = o.name)
           else to_regclass(o.place) is not null
         end as there
    from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as o (kind, schema, place, name, at)
   order by o.at`;
