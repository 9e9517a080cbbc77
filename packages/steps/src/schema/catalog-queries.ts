/** Not of Postgres itself, and not of Crossfade. */
export const mine = (namespace: string): string =>
  `${namespace} !~ '^pg_' and ${namespace} not in ('information_schema', 'crossfade', 'crossfade_ledger')`;

export const notOfAnExtension = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend d where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;

/**
 * One query a kind of object; each returns `name` (schema-qualified) and `definition` (its meaning as text, without oids or
 * the order of columns, so that an object taken away and made again is equal to itself).
 */
export const catalogQueries: Readonly<Record<string, string>> = {
  relation: `
    select format('%I.%I', n.nspname, c.relname) as name,
           concat_ws(' ', c.relkind, c.relpersistence, case when c.relrowsecurity then 'row security' end,
                     case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
                     pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid),
                     (select string_agg(o, ',' order by o) from unnest(c.reloptions) o)) as definition
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${mine('n.nspname')} and ${notOfAnExtension('pg_class', 'c.oid')}`,
  column: `
    select format('%I.%I.%I', n.nspname, c.relname, a.attname) as name,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
                     'default ' || pg_get_expr(f.adbin, f.adrelid), nullif(a.attidentity, ''), nullif(a.attgenerated, ''),
                     case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end) as definition
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
     where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${mine('n.nspname')}
       and ${notOfAnExtension('pg_class', 'c.oid')}`,
  constraint: `
    select format('%I.%I.%I', n.nspname, c.relname, k.conname) as name,
           concat_ws(' ', k.contype, case when not k.convalidated then 'not valid' end, pg_get_constraintdef(k.oid)) as definition
      from pg_constraint k
      join pg_class c on c.oid = k.conrelid
      join pg_namespace n on n.oid = c.relnamespace
     where ${mine('n.nspname')} and ${notOfAnExtension('pg_class', 'c.oid')}`,
  index: `
    select format('%I.%I', n.nspname, c.relname) as name,
           concat_ws(' ', pg_get_indexdef(i.indexrelid), case when not i.indisvalid then 'invalid' end,
                     case when not i.indisready then 'not ready' end) as definition
      from pg_index i
      join pg_class c on c.oid = i.indexrelid
      join pg_namespace n on n.oid = c.relnamespace
     where ${mine('n.nspname')} and ${notOfAnExtension('pg_class', 'i.indrelid')}`,
  trigger: `
    select format('%I.%I.%I', n.nspname, c.relname, t.tgname) as name,
           concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid)) as definition
      from pg_trigger t
      join pg_class c on c.oid = t.tgrelid
      join pg_namespace n on n.oid = c.relnamespace
     where not t.tgisinternal and ${mine('n.nspname')}`,
  policy: `
    select format('%I.%I.%I', n.nspname, c.relname, p.polname) as name,
           concat_ws(' ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),
                     pg_get_expr(p.polwithcheck, p.polrelid)) as definition
      from pg_policy p
      join pg_class c on c.oid = p.polrelid
      join pg_namespace n on n.oid = c.relnamespace
     where ${mine('n.nspname')}`,
  function: `
    select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as name,
           case when p.prokind = 'a' then 'aggregate ' || format_type(p.prorettype, null)
                else pg_get_functiondef(p.oid) end as definition
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where ${mine('n.nspname')} and ${notOfAnExtension('pg_proc', 'p.oid')}`,
  sequence: `
    select format('%I.%I', s.schemaname, s.sequencename) as name,
           concat_ws(' ', s.data_type, s.start_value, s.min_value, s.max_value, s.increment_by, s.cycle, s.cache_size) as definition
      from pg_sequences s
     where ${mine('s.schemaname')}`,
  type: `
    select format('%I.%I', n.nspname, t.typname) as name,
           concat_ws(' ', t.typtype, case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
                     (select string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid))
             as definition
      from pg_type t join pg_namespace n on n.oid = t.typnamespace
     where t.typtype in ('e', 'd') and ${mine('n.nspname')} and ${notOfAnExtension('pg_type', 't.oid')}`,
  schema: `
    select format('%I', n.nspname) as name, '' as definition
      from pg_namespace n
     where ${mine('n.nspname')} and ${notOfAnExtension('pg_namespace', 'n.oid')}`,
};
