import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { theRow } from '../sql/the-row.ts';
import { inTransaction } from '../target/in-transaction.ts';

/** Something that belongs to a table, or to some of its columns. */
export interface BoundObject {
  readonly kind: 'index' | 'constraint' | 'trigger';
  readonly name: string;
  /** Without its own name and the table's: two that read the same do the same. */
  readonly meaning: string;
  /** As Postgres would have it made again, every name with its schema. */
  readonly definition: string;
  readonly columns: readonly string[];
  /** Of a trigger: O as it comes, D disabled, A always, R on replicas. */
  readonly state?: string;
}

export interface OwnedSequence {
  /** Quoted, with its schema. */
  readonly sequence: string;
  readonly name: string;
  readonly column: string;
  /** Of an identity column: `always` or `by default`. */
  readonly identity: string | null;
  /** `increment by 10 cache 5` */
  readonly options: string;
}

export interface TableBinding {
  /** As Postgres writes it in definitions. */
  readonly table: string;
  readonly objects: readonly BoundObject[];
  readonly sequences: readonly OwnedSequence[];
}

const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 30_000, readOnly: true };

/**
 * Everything that would go with a table.
 * @param table quoted, with its schema
 * @throws TerminalError where there is no such table.
 */
export async function readBinding(connection: TargetConnection, table: string): Promise<TableBinding> {
  return await inTransaction(connection, limits, async () => {
    await connection.query(`set local search_path = ''`);
    const { rows: found } = await connection.query<{ there: boolean }>(
      'select to_regclass($1) is not null as there',
      [table],
    );
    if (!theRow(found).there) throw new TerminalError(`there is no table ${table}`);
    const { rows } = await connection.query<{ binding: TableBinding }>(query, [table]);
    return theRow(rows).binding;
  });
}

const columnsOf = (numbers: string): string => `
  (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a where a.attrelid = $1::regclass and a.attnum = any(${numbers}))`;

const query = `
  select json_build_object(
    'table', $1::regclass::text,
    'objects', (select coalesce(json_agg(o order by o.kind, o.name), '[]') from (
      select 'index' as kind, c.relname as name, pg_get_indexdef(i.indexrelid) as definition,
             regexp_replace(pg_get_indexdef(i.indexrelid), '^(CREATE (?:UNIQUE )?INDEX ).*? ON (?:ONLY )?.*? (USING .*)$', '\\1\\2') as meaning,
             (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
               where a.attrelid = i.indrelid and (a.attnum = any(i.indkey) or exists (
                 select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
                    and d.refobjid = i.indrelid and d.refobjsubid = a.attnum)) and a.attnum > 0) as columns,
             null::text as state
        from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = $1::regclass
      union all
      select 'constraint', k.conname, pg_get_constraintdef(k.oid), k.contype::text || ' ' || pg_get_constraintdef(k.oid), ${columnsOf('k.conkey')}, null
        from pg_constraint k where k.conrelid = $1::regclass and k.contype in ('c', 'f', 'x')
      union all
      select 'trigger', t.tgname, pg_get_triggerdef(t.oid), pg_get_triggerdef(t.oid),
             (select coalesce(json_agg(a.attname), '[]') from pg_attribute a where a.attrelid = t.tgrelid and a.attnum = any(t.tgattr)), t.tgenabled::text
        from pg_trigger t where t.tgrelid = $1::regclass and not t.tgisinternal) o),
    'sequences', (select coalesce(json_agg(json_build_object('sequence', s.oid::regclass::text, 'name', s.relname, 'column', a.attname,
               'options', concat_ws(' ', 'increment by ' || q.seqincrement, 'cache ' || q.seqcache, case when q.seqcycle then 'cycle' end),
               'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end)), '[]')
      from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_sequence q on q.seqrelid = s.oid
      join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
     where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = $1::regclass and d.deptype in ('a', 'i'))
  ) as binding`;
