import type { TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../../sql/identifiers.ts';
import type { MadeObject } from './made-objects.ts';

/**
 * For each of the objects, whether something of that kind and name is there: where it would be made, and not wherever the
 * search path leads to.
 */
export async function findMade(
  connection: TargetConnection,
  objects: readonly MadeObject[],
): Promise<readonly boolean[]> {
  if (objects.length === 0) return [];
  const { rows } = await connection.query<{ there: boolean }>(question, [
    JSON.stringify(objects.map((object) => wanted(object, objects))),
  ]);
  return rows.map(({ there }) => there);
}

interface Wanted {
  readonly kind: string;
  /** Null for the first of the search path. */
  readonly schema: string | null;
  readonly name: string;
  /** The table that it is a part of, or the thing itself; without a schema where that is found along the search path. */
  readonly place: string;
  readonly along_path: boolean;
  readonly argument_types: readonly string[] | null;
}

function wanted(object: MadeObject, all: readonly MadeObject[]): Wanted {
  const { kind, schema, table, name, argumentTypes } = object;
  // Of a table that is made here, too, it is a part where that is made.
  const isMadeHere = all.some((other) => other.kind === 'table' && other.name === table && !other.schema);
  return {
    kind,
    schema,
    name,
    place: (schema === null ? '' : `${quoteIdentifier(schema)}.`) + quoteIdentifier(table ?? name),
    along_path: schema === null && table !== null && !isMadeHere,
    argument_types: argumentTypes,
  };
}

/** An index lies in the schema of its table. Whatever has the name of a table, a view or a sequence is in its way. */
const question = `
  select case o.kind
           when 'index' then exists (
             select from pg_class t join pg_class i on i.relnamespace = t.relnamespace
              where t.oid = o.holder and i.relname = o.name)
           when 'column' then exists (
             select from pg_attribute a
              where a.attrelid = o.holder and a.attname = o.name and a.attnum > 0 and not a.attisdropped)
           when 'constraint' then exists (
             select from pg_constraint k where k.conrelid = o.holder and k.conname = o.name)
           when 'trigger' then exists (
             select from pg_trigger t where t.tgrelid = o.holder and t.tgname = o.name)
           when 'policy' then exists (
             select from pg_policy p where p.polrelid = o.holder and p.polname = o.name)
           when 'function' then exists (
             select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
              where p.proname = o.name and n.nspname = coalesce(o.schema, current_schema())
                and (o.argument_types is null
                     or p.proargtypes::text = (
                       select coalesce(string_agg(coalesce(to_regtype(t.type)::oid::text, 'none'), ' ' order by t.at), '')
                         from jsonb_array_elements_text(o.argument_types) with ordinality as t (type, at))))
           when 'type' then to_regtype(o.full_place) is not null
           when 'schema' then exists (select from pg_namespace n where n.nspname = o.name)
           when 'extension' then exists (select from pg_extension e where e.extname = o.name)
           else o.holder is not null
         end as there
    from (select w.*, p.full_place, to_regclass(p.full_place) as holder
            from rows from (jsonb_to_recordset($1::jsonb) as (
                   kind text, schema text, name text, place text, along_path boolean, argument_types jsonb))
                   with ordinality as w (kind, schema, name, place, along_path, argument_types, at)
            cross join lateral (
              select case when w.schema is null and not w.along_path
                          then quote_ident(current_schema()) || '.' || w.place else w.place end as full_place) p) o
   order by o.at`;
