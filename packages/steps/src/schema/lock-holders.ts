import type { TargetConnection } from '@crossfade/engine';
import type { Statement } from '../sql/parse-statements.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import { locksOf } from './statement-facts.ts';

export interface LockHolder {
  readonly pid: number;
  readonly application: string;
  readonly relation: string;
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

/** Transactions of others that hold what the statements will need, the oldest first. */
export async function findLockHolders(
  connection: TargetConnection,
  statements: readonly Statement[],
): Promise<readonly LockHolder[]> {
  const locks = statements.flatMap(locksOf);
  const named = (againstReaders: boolean) =>
    locks
      .filter((lock) => lock.againstReaders === againstReaders)
      .map(({ schema, name }) => (schema ? `${quoteIdentifier(schema)}.` : '') + quoteIdentifier(name));
  const { rows } = await connection.query<LockHolder>(
    `select distinct on (a.pid) a.pid, coalesce(nullif(a.application_name, ''), 'unnamed') as application,
            l.relation::regclass::text as relation, coalesce(a.state, 'unknown') as state,
            coalesce(extract(epoch from clock_timestamp() - a.xact_start) * 1000, 0)::float8 as "transactionAgeMs"
       from pg_locks l join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'relation' and l.granted and l.pid <> pg_backend_pid()
        and l.database = (select oid from pg_database where datname = current_database())
        and (l.relation in (select to_regclass(name) from unnest($1::text[]) as name)
             or (l.relation in (select to_regclass(name) from unnest($2::text[]) as name) and l.mode = any($3)))
      order by a.pid`,
    [named(true), named(false), writers],
  );
  return rows.toSorted((a, b) => b.transactionAgeMs - a.transactionAgeMs);
}

/** "messages by parley-server (process 4711, idle in transaction, open for 12.3 s)": never what it asked for. */
export function describeLockHolders(holders: readonly LockHolder[]): string {
  if (holders.length === 0) return 'nobody any more';
  return holders
    .slice(0, 5)
    .map(({ pid, application, relation, state, transactionAgeMs }) => {
      const age = (transactionAgeMs / 1_000).toFixed(1);
      return `${relation} by ${application} (process ${pid}, ${state}, open for ${age} s)`;
    })
    .join('; ');
}
