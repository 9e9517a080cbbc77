import { mine, notOfAnExtension } from './catalog-queries.ts';

/**
 * Everything that can have an owner, rights or a comment. `owner` and `acl` are null where there is none of its own; `acl_kind` is
 * what acldefault() calls the kind.
 */
const described = `
  select case c.relkind when 'S' then 'sequence' else 'relation' end as kind, format('%I.%I', n.nspname, c.relname) as name,
         'pg_class'::regclass as catalog, c.oid, 0 as part, c.relowner as owner, c.relacl as acl,
         (case c.relkind when 'S' then 's' else 'r' end)::"char" as acl_kind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${mine('n.nspname')} and ${notOfAnExtension('pg_class', 'c.oid')}
  union all
  select 'column', format('%I.%I.%I', n.nspname, c.relname, a.attname), 'pg_class'::regclass, c.oid, a.attnum, null, a.attacl, 'c'
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${mine('n.nspname')}
     and ${notOfAnExtension('pg_class', 'c.oid')}
  union all
  select 'function', format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
         'pg_proc'::regclass, p.oid, 0, p.proowner, p.proacl, 'f'
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
   where ${mine('n.nspname')} and ${notOfAnExtension('pg_proc', 'p.oid')}
  union all
  select 'type', format('%I.%I', n.nspname, t.typname), 'pg_type'::regclass, t.oid, 0, t.typowner, t.typacl, 'T'
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
   where t.typtype in ('e', 'd') and ${mine('n.nspname')} and ${notOfAnExtension('pg_type', 't.oid')}
  union all
  select 'schema', format('%I', n.nspname), 'pg_namespace'::regclass, n.oid, 0, n.nspowner, n.nspacl, 'n'
    from pg_namespace n
   where ${mine('n.nspname')} and ${notOfAnExtension('pg_namespace', 'n.oid')}
  union all
  select 'index', format('%I.%I', n.nspname, c.relname), 'pg_class'::regclass, c.oid, 0, null, null, null
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('i', 'I') and ${mine('n.nspname')}
  union all
  select 'constraint', format('%I.%I.%I', n.nspname, c.relname, k.conname), 'pg_constraint'::regclass, k.oid, 0, null, null, null
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
   where ${mine('n.nspname')}
  union all
  select 'trigger', format('%I.%I.%I', n.nspname, c.relname, t.tgname), 'pg_trigger'::regclass, t.oid, 0, null, null, null
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
   where not t.tgisinternal and ${mine('n.nspname')}
  union all
  select 'policy', format('%I.%I.%I', n.nspname, c.relname, p.polname), 'pg_policy'::regclass, p.oid, 0, null, null, null
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
   where ${mine('n.nspname')}
  union all
  select 'rule', format('%I.%I.%I', n.nspname, c.relname, r.rulename), 'pg_rewrite'::regclass, r.oid, 0, null, null, null
    from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
   where r.rulename <> '_RETURN' and ${mine('n.nspname')}`;

/** Without who gave it: an owner that changes takes that along. */
const rightsIn = (acl: string): string => `
  (select string_agg(distinct format('%s%s to %s', a.privilege_type, case when a.is_grantable then ' with grant option' end,
                                     case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee)::text end), ', ')
     from aclexplode(${acl}) a)`;

/**
 * What is said of an object beside its definition: whose it is, who may use it, what for. It goes with the object, and does not
 * come back with an equal one. One query a kind, as those of definitions are: `owner of relation public.messages`.
 */
export const attributeQueries: Readonly<Record<string, string>> = {
  'owner of': `
    select d.kind || ' ' || d.name as name, pg_get_userbyid(d.owner)::text as definition
      from (${described}) d where d.owner is not null`,
  // Rights that were given and taken away again are those of the beginning, though they are then written down.
  'rights on': `
    select d.kind || ' ' || d.name as name, coalesce(r.given, 'none') as definition
      from (${described}) d,
           lateral (select ${rightsIn('d.acl')} as given,
                           ${rightsIn(`acldefault(d.acl_kind, coalesce(d.owner, 0))`)} as usual) r
     where d.acl is not null and r.given is distinct from r.usual`,
  'comment on': `
    select d.kind || ' ' || d.name as name, c.description as definition
      from (${described}) d join pg_description c on c.classoid = d.catalog and c.objoid = d.oid and c.objsubid = d.part`,
  'roles of': `
    select format('policy %I.%I.%I', n.nspname, c.relname, p.polname) as name,
           (select string_agg(case role when 0 then 'public' else pg_get_userbyid(role)::text end, ', '
                              order by pg_get_userbyid(role)) from unnest(p.polroles) role) as definition
      from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
     where ${mine('n.nspname')} and p.polroles <> '{0}'`,
  'row security of': `
    select format('relation %I.%I', n.nspname, c.relname) as name, 'forced upon its owner' as definition
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relforcerowsecurity and ${mine('n.nspname')}`,
  'replica identity of': `
    select format('relation %I.%I', n.nspname, c.relname) as name,
           case c.relreplident when 'f' then 'full' when 'n' then 'nothing'
             else (select x.relname::text from pg_index i join pg_class x on x.oid = i.indexrelid
                    where i.indrelid = c.oid and i.indisreplident) end as definition
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relreplident <> 'd' and ${mine('n.nspname')}`,
  'publications of': `
    select format('relation %I.%I', n.nspname, c.relname) as name, string_agg(p.pubname, ', ' order by p.pubname) as definition
      from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
      join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace
     where ${mine('n.nspname')}
     group by 1`,
  rule: `
    select format('%I.%I.%I', n.nspname, c.relname, r.rulename) as name,
           concat_ws(' ', r.ev_enabled, pg_get_ruledef(r.oid)) as definition
      from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
     where r.rulename <> '_RETURN' and ${mine('n.nspname')} and ${notOfAnExtension('pg_rewrite', 'r.oid')}`,
};

/** `comment on index public.by_body` is about `index public.by_body`; undefined for what is an object itself. */
export function describedBy(name: string): string | undefined {
  const kind = Object.keys(attributeQueries).find((attribute) => name.startsWith(`${attribute} `));
  return kind === undefined || kind === 'rule' ? undefined : name.slice(kind.length + 1);
}
