import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** The server needs a moment to notice that a client has gone. */
const longestMs = 10_000;

/** Of a trial's own sessions, which look at what the others do. */
export const ownName = 'fault trial';

/** The sessions of this database that are still there although their processes have ended. */
export async function sessionsLeft(client: pg.Pool | pg.Client): Promise<readonly string[]> {
  const deadlineMs = performance.now() + longestMs;
  for (;;) {
    const { rows } = await client.query<{ name: string }>(
      `select application_name || ', ' || coalesce(state, '') as name from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend' and application_name <> $1`,
      [ownName],
    );
    if (rows.length === 0 || performance.now() > deadlineMs)
      return rows.map(({ name }) => `a session (${name})`);
    await sleep(50);
  }
}
