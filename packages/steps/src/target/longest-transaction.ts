import type { TargetConnection } from '@crossfade/engine';

export interface OpenTransaction {
  readonly pid: number;
  readonly who: string;
  readonly ageMs: number;
}

/** The oldest transaction of others in this database: what a change may have to wait for. */
export async function longestTransaction(connection: TargetConnection): Promise<OpenTransaction | undefined> {
  const { rows } = await connection.query<OpenTransaction>(
    `select pid, coalesce(nullif(application_name, ''), backend_type, 'unnamed') || coalesce(' for ' || usename, '') as who,
            (extract(epoch from clock_timestamp() - xact_start) * 1000)::float8 as "ageMs"
       from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
      order by xact_start limit 1`,
  );
  return rows[0];
}
