import type { Client } from 'pg';

export interface ServerSession {
  /** Of the server process that answered the question. */
  readonly pid: number;
  /** When that process began, in seconds since 1970: the number of one that has ended is given to another. */
  readonly startedAt: string;
  /**
   * A pooler stands in between: the next transaction may meet another server process, with another's settings. Also true of
   * one that pools whole sessions, since nobody can tell the two apart from here.
   */
  readonly pooled: boolean;
  /** It follows another server, and takes no writes. */
  readonly standby: boolean;
}

const ownSession = `select pid, extract(epoch from backend_start)::text as "startedAt",
                           pg_is_in_recovery() as standby
                      from pg_stat_activity where pid = pg_backend_pid()`;

/** A pooler gives each client a process number of its own making; a server gives its own. */
export async function askForSession(client: Client, limitMs: number): Promise<ServerSession> {
  const question = { text: ownSession, query_timeout: limitMs };
  const { rows } = await client.query<Omit<ServerSession, 'pooled'>>(question);
  if (!rows[0]) throw new Error('pg_stat_activity does not show our own session');
  return { ...rows[0], pooled: rows[0].pid !== announcedPid(client) };
}

/** What was said at connecting, which the driver's types do not know. */
function announcedPid(client: Client): unknown {
  return 'processID' in client ? client.processID : undefined;
}
