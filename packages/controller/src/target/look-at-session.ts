import type { ServerSession } from '@crossfade/store';
import { DatabaseError, type ClientConfig } from 'pg';
import { askOnce, UnansweredError } from './ask-once.ts';
import { isSession } from './is-session.ts';
import type { Sign } from './while-alive.ts';

export interface NamedSession extends ServerSession {
  /** What the connection was called at connecting. */
  readonly connectionName: string;
}

/**
 * Whether the server is at work for us, asked on another connection. Behind a pooler nobody can say which process that is:
 * there it is looked for by our names, of the transaction and of the connection; whoever has inherited the latter makes us
 * wait a little longer.
 */
export async function lookAtSession(
  settings: ClientConfig,
  { pid, startedAt, pooled, connectionName }: NamedSession,
  applicationName: string,
  limitMs: number,
): Promise<Sign> {
  const ours = pooled
    ? { which: 'application_name = any($1)', values: [[applicationName, connectionName]] }
    : { which: isSession, values: [pid, startedAt] };
  try {
    const rows = await askOnce<{ pid: number }>(
      settings,
      limitMs,
      // "disabled": the server does not say who is at work (track_activities), only who is there.
      `select pid from pg_stat_activity
        where ${ours.which} and state in ('active', 'disabled') and pid <> pg_backend_pid()`,
      ours.values,
    );
    return rows.length > 0 ? 'at work' : 'not at work';
  } catch (error) {
    // One that has no connection left, or lets nobody in, is alive.
    if (error instanceof DatabaseError) return 'at work';
    // A pooler lets us in before it has a connection to the server for us: about the server that says nothing.
    return pooled && error instanceof UnansweredError && error.connected ? 'no room' : 'no answer';
  }
}
