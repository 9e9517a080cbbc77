import type { TargetConnection } from '@crossfade/engine';
import { quoteIdentifier } from '../sql/identifiers.ts';

export interface RelationName {
  readonly schema: string | null;
  readonly name: string;
}

/** Whom a statement's locks keep from a table for as long as its transaction lasts. */
export type KeepsOut = 'nobody' | 'writers' | 'everybody';

export interface StatementLocks {
  readonly keepsOut: KeepsOut;
  /** The tables, indexes or views that it names and that were there before. */
  readonly relations: readonly RelationName[];
  /** It drops them, and with them what binds other tables to them. */
  readonly drops: boolean;
}

export interface LockNeed {
  readonly locks: readonly StatementLocks[];
  readonly lockTimeoutMs: number;
  /** It lets people go on while it waits, and waits for every older transaction of the database. */
  readonly concurrently: boolean;
}

export interface LockHolder {
  /** Null for a prepared transaction, which no process holds. */
  readonly pid: number | null;
  readonly who: string;
  readonly what: string;
  readonly state: string;
  readonly transactionAgeMs: number;
}

/** Modes that only writers and other schema changes hold; a change that rewrites a table's definition waits for readers too. */
const writers = [
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** Transactions of others that are in the way of the statements, the oldest first. */
export async function findLockHolders(
  connection: TargetConnection,
  { locks, concurrently }: LockNeed,
): Promise<readonly LockHolder[]> {
  const names = (chosen: (lock: StatementLocks) => boolean): string[] =>
    locks.filter(chosen).flatMap(({ relations }) => relations.map(quoted));
  const { rows } = await connection.query<LockHolder>(query, [
    names(({ keepsOut }) => keepsOut === 'everybody'),
    names(({ keepsOut }) => keepsOut === 'writers' || concurrently),
    names(({ drops }) => drops),
    writers,
    concurrently,
  ]);
  return rows.toSorted((a, b) => b.transactionAgeMs - a.transactionAgeMs);
}

/**
 * An index is locked together with its table, and a table that is dropped together with those that its foreign keys point
 * to. A concurrent build also waits for whoever may still read with an old snapshot, whatever they have locked.
 */
const query = `
  with named as (
    select to_regclass(name)::oid as oid, true as for_all from unnest($1::text[]) as name
    union select to_regclass(name)::oid, false from unnest($2::text[]) as name
  ), wanted as (
    select oid, for_all from named
    union select i.indrelid, n.for_all from named n join pg_index i on i.indexrelid = n.oid
    union select k.confrelid, true from unnest($3::text[]) as name
            join pg_constraint k on k.conrelid = to_regclass(name)::oid and k.contype = 'f'
  ), holding as (
    select l.pid, l.virtualtransaction, l.relation::regclass::text as what
      from pg_locks l join wanted w on w.oid = l.relation and (w.for_all or l.mode = any($4))
     where l.locktype = 'relation' and l.granted
       and l.database = (select oid from pg_database where datname = current_database())
    union all
    select pid, pid::text, 'an old snapshot' from pg_stat_activity
     where $5 and datname = current_database() and backend_xmin is not null
       and xact_start < clock_timestamp() - interval '1 second'
  )
  select distinct on (coalesce(h.pid::text, h.virtualtransaction)) h.pid, h.what,
         coalesce(nullif(a.application_name, ''), a.backend_type, 'prepared transaction ' || x.gid, 'unnamed')
           || coalesce(' for ' || coalesce(a.usename, x.owner), '') || coalesce(' from ' || host(a.client_addr), '') as who,
         coalesce(a.state, case when x.gid is not null then 'prepared' end, 'unknown') as state,
         coalesce(extract(epoch from clock_timestamp() - coalesce(a.xact_start, x.prepared)) * 1000, 0)::float8
           as "transactionAgeMs"
    from holding h
    left join pg_stat_activity a on a.pid = h.pid
    left join pg_prepared_xacts x on h.pid is null and h.virtualtransaction = '-1/' || x.transaction::text
   where h.pid is distinct from pg_backend_pid()
   order by coalesce(h.pid::text, h.virtualtransaction), h.what = 'an old snapshot'`;

function quoted({ schema, name }: RelationName): string {
  return (schema === null ? '' : `${quoteIdentifier(schema)}.`) + quoteIdentifier(name);
}

/** "held on messages by parley-server for app from 10.0.0.4 (process 4711, idle in transaction, open for 12.3 s)": never what it asked for. */
export function describeLockHolders(holders: readonly LockHolder[]): string {
  if (holders.length === 0)
    return 'nobody was seen to hold it when looked for: many short transactions, perhaps';
  const texts = holders.slice(0, 5).map(({ pid, who, what, state, transactionAgeMs }) => {
    const age = (transactionAgeMs / 1_000).toFixed(1);
    const process = pid === null ? '' : `process ${pid}, `;
    return `${what} by ${who} (${process}${state}, open for ${age} s)`;
  });
  const more = holders.length > 5 ? ` and ${holders.length - 5} more` : '';
  return `held on ${texts.join('; ')}${more}`;
}
