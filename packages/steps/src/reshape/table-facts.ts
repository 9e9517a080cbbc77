import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { quoteTable } from '../sql/identifiers.ts';
import { theRow } from '../sql/the-row.ts';
import { inTransaction } from '../target/in-transaction.ts';

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly isGenerated: boolean;
  readonly isIdentity: boolean;
  /** Where it is not that of the type; quoted. */
  readonly collation: string | null;
  /** Of an identity column: the sequence, quoted, with its schema; and who may add rows and has no right of their own to it. */
  readonly sequence: string | null;
  readonly usersWithout: readonly string[];
  /** With every name qualified. */
  readonly default: string | null;
}

/** A foreign key, either way. */
export interface ForeignKeyFacts {
  readonly name: string;
  /** The table that has it. */
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly referenced: readonly string[];
  /** `ON DELETE CASCADE DEFERRABLE`: all that follows the referenced columns. */
  readonly rules: string;
  readonly onItself: boolean;
  readonly onPartitions: boolean;
}

export interface Grant {
  /** Null: everybody. */
  readonly role: string | null;
  readonly privilege: string;
  readonly mayGrant: boolean;
}

/** A table as the catalog describes it. */
export interface TableFacts {
  readonly serverVersion: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly columns: readonly ColumnFacts[];
  readonly grants: readonly Grant[];
  readonly schemaGrants: readonly Grant[];
  readonly foreignKeysOut: readonly (ForeignKeyFacts & { readonly definition: string })[];
  readonly foreignKeysIn: readonly ForeignKeyFacts[];
  readonly hasRowSecurity: boolean;
  readonly isUnlogged: boolean;
  /** `fillfactor=70` */
  readonly options: readonly string[];
  readonly comment: string | null;
  /** Those that alone identify a row: unique, and never null. */
  readonly uniqueColumns: readonly string[];
  /** What it is or has that stands in the way of any change of shape. */
  readonly obstacles: readonly string[];
  /** What stands in the way of writing it anew. */
  readonly obstaclesOfRewrite: readonly string[];
  /** Of the schemas asked for, those that are there. */
  readonly schemas: readonly string[];
}

const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 30_000, readOnly: true };

/** @throws TerminalError where there is no such table. */
export async function readTableFacts(
  connection: TargetConnection,
  table: string,
  schemas: readonly string[],
): Promise<TableFacts> {
  return await inTransaction(connection, limits, async () => {
    const { rows: found } = await connection.query<{ oid: number | null }>(
      'select to_regclass($1)::oid::bigint::float8 as oid',
      [quoteTable(table)],
    );
    const { oid } = theRow(found);
    if (oid === null) throw new TerminalError(`there is no table ${table}`);
    // So that every name in a definition comes with its schema.
    await connection.query(`set local search_path = ''`);
    const { rows } = await connection.query<{ facts: TableFacts }>(query, [oid, schemas]);
    return theRow(rows).facts;
  });
}

const grantsOf = (acl: string): string => `
  coalesce((select json_agg(json_build_object('role', r.rolname, 'privilege', g.privilege_type, 'mayGrant', g.is_grantable))
              from aclexplode(${acl}) g left join pg_roles r on r.oid = g.grantee), '[]')`;

const foreignKey = `
  'name', k.conname, 'schema', n.nspname, 'table', t.relname,
  'columns', (select json_agg(a.attname order by p.at) from unnest(k.conkey) with ordinality p (num, at)
                join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.num),
  'referenced', (select json_agg(a.attname order by p.at) from unnest(k.confkey) with ordinality p (num, at)
                   join pg_attribute a on a.attrelid = k.confrelid and a.attnum = p.num),
  'rules', substring(regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '') from 'REFERENCES [^(]+\\([^)]+\\)(.*)$'),
  'onItself', k.conrelid = k.confrelid, 'onPartitions', t.relkind = 'p'`;

const query = `
  select json_build_object(
    'serverVersion', current_setting('server_version_num')::integer,
    'schema', n.nspname, 'name', c.relname, 'owner', pg_get_userbyid(c.relowner),
    'hasRowSecurity', c.relrowsecurity, 'isUnlogged', c.relpersistence = 'u', 'options', coalesce(to_json(c.reloptions), '[]'),
    'comment', obj_description(c.oid, 'pg_class'),
    'uniqueColumns', (select coalesce(json_agg(distinct a.attname), '[]') from pg_index i
      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] and a.attnotnull
     where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indnkeyatts = 1 and i.indimmediate),
    'columns', (select json_agg(json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
        'collation', (select a.attcollation::regcollation::text from pg_type y where y.oid = a.atttypid and a.attcollation <> y.typcollation),
        'isGenerated', a.attgenerated <> '', 'isIdentity', a.attidentity <> '',
        'sequence', case when a.attidentity <> '' then pg_get_serial_sequence(c.oid::regclass::text, a.attname) end,
        'usersWithout', case when a.attidentity = '' then '[]'::json else coalesce((
          select json_agg(distinct r.rolname) from aclexplode(c.relacl) g join pg_roles r on r.oid = g.grantee
           where g.privilege_type = 'INSERT' and g.grantee <> c.relowner
             and not has_sequence_privilege(g.grantee, pg_get_serial_sequence(c.oid::regclass::text, a.attname), 'USAGE')), '[]') end,
        'default', case when a.attgenerated = '' then pg_get_expr(f.adbin, f.adrelid) end) order by a.attnum)
      from pg_attribute a left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'grants', ${grantsOf('c.relacl')},
    'schemaGrants', ${grantsOf('n.nspacl')},
    'foreignKeysOut', coalesce((select json_agg(json_build_object(${foreignKey}, 'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')) order by k.conname)
      from pg_constraint k join pg_class t on t.oid = k.conrelid join pg_namespace n on n.oid = t.relnamespace
     where k.contype = 'f' and k.conrelid = c.oid), '[]'),
    'foreignKeysIn', coalesce((select json_agg(json_build_object(${foreignKey}) order by k.conname)
      from pg_constraint k join pg_class t on t.oid = k.conrelid join pg_namespace n on n.oid = t.relnamespace
     where k.contype = 'f' and k.confrelid = c.oid and k.conparentid = 0), '[]'),
    'obstacles', (select coalesce(json_agg(what), '[]') from (values
        (c.relkind <> 'r', case c.relkind when 'p' then 'is partitioned' when 'f' then 'is a foreign table' else 'is no table' end),
        (c.relispartition, 'is a partition'),
        (c.relpersistence = 't', 'is temporary'),
        (exists (select from pg_inherits i where c.oid in (i.inhrelid, i.inhparent)) and not c.relispartition and c.relkind = 'r',
         'takes part in inheritance')) o (holds, what) where holds),
    'obstaclesOfRewrite', (select coalesce(json_agg(what), '[]') from (
        select distinct 'is read by the view ' || v.oid::regclass as what
          from pg_depend d join pg_rewrite w on w.oid = d.objid join pg_class v on v.oid = w.ev_class
         where d.refobjid = c.oid and d.classid = 'pg_rewrite'::regclass and v.oid <> c.oid
        union all select 'is in the publication ' || p.pubname from pg_publication_tables p
          where p.schemaname = n.nspname and p.tablename = c.relname
        union all select 'has the row security policy ' || p.polname from pg_policy p where p.polrelid = c.oid
        union all select 'has row security' where c.relrowsecurity
        union all select 'is told from its copies by an index (REPLICA IDENTITY)' where c.relreplident = 'i'
        union all select 'has a key on itself with ON DELETE RESTRICT: ' || k.conname from pg_constraint k
          where k.conrelid = c.oid and k.confrelid = c.oid and k.contype = 'f' and (k.confdeltype = 'r' or k.confupdtype = 'r')
        union all select 'has rights granted on its column ' || a.attname from pg_attribute a
          where a.attrelid = c.oid and a.attacl is not null and not a.attisdropped
        union all select 'has the rule ' || w.rulename from pg_rewrite w where w.ev_class = c.oid and c.relkind = 'r') o),
    'schemas', (select coalesce(json_agg(s.nspname), '[]') from pg_namespace s where s.nspname = any($2::text[]))
  ) as facts
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::bigint::oid`;
