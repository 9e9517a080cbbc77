import type { Database } from '../database.ts';
import { SESSION_DAYS, SESSION_ROOM_SQL } from '../sessions.ts';
import { isHere, ME, nameOf } from './fragments.ts';
import { notifyDisconnect, notifyRoom } from './notify.ts';

export type PersonRow = { id: string; email: string | null; name: string };

export type Credentials = PersonRow & { encrypted_password: string | null };

const FIND_CREDENTIALS = `
SELECT u.id, u.email, ${nameOf('u')} AS name, u.encrypted_password
FROM auth.users u
WHERE u.email IN ($1, lower($1))
ORDER BY u.email = $1 DESC
LIMIT 1`;

export async function findCredentials(database: Database, email: string): Promise<Credentials | undefined> {
  const [row] = await database.query<Credentials>(FIND_CREDENTIALS, [email]);
  return row;
}

/**
 * Sessions that have expired go when their owner opens another one: the table does not grow for ever. Whoever is removed while
 * they log in gets none: the row is locked, so that either the removal comes first, or it ends this session, too.
 */
const OPEN_SESSION = `
WITH expired AS (DELETE FROM parley.sessions WHERE user_id = $2 AND expires_at <= now())
INSERT INTO parley.sessions (token_hash, user_id, expires_at, user_agent)
SELECT $1, here.id, now() + make_interval(days => ${SESSION_DAYS}), left($3, 200)
FROM (SELECT u.id FROM auth.users u WHERE u.id = $2 AND ${isHere('u')} FOR SHARE) here
RETURNING expires_at, (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS server_time_ms`;

/** @returns undefined where there is nobody of that id any more. */
export async function openSession(
  database: Database,
  { tokenHash, userId, userAgent }: { tokenHash: Buffer; userId: string; userAgent: string },
): Promise<{ expiresAt: Date; serverTimeMs: number } | undefined> {
  const [row] = await database.query<{ expires_at: Date; server_time_ms: number }>(OPEN_SESSION, [
    tokenHash,
    userId,
    userAgent,
  ]);
  return row && { expiresAt: row.expires_at, serverTimeMs: row.server_time_ms };
}

/** Ends the session and, in the same moment everywhere, the sockets it opened. */
const END_SESSION = `
WITH ended AS (
  UPDATE parley.sessions SET revoked_at = now()
  WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > now()
  RETURNING token_hash
)
SELECT ${notifyRoom('session_ended', SESSION_ROOM_SQL, 'json_build_object()')} AS told,
  ${notifyDisconnect(SESSION_ROOM_SQL)} AS closed
FROM ended`;

/** @returns false when there was no such session. */
export async function endSession(database: Database, tokenHash: Buffer): Promise<boolean> {
  return (await database.query(END_SESSION, [tokenHash])).length > 0;
}

const FIND_PERSON = `
WITH ${ME}
SELECT u.id, u.email, ${nameOf('u')} AS name FROM me JOIN auth.users u ON u.id = me.id`;

export async function findPerson(database: Database, tokenHash: Buffer): Promise<PersonRow | undefined> {
  const [row] = await database.query<PersonRow>(FIND_PERSON, [tokenHash]);
  return row;
}

/** What a socket needs when it connects. */
const FIND_SOCKET_PERSON = `
WITH ${ME}
SELECT me.id, coalesce(array_agg(p.conversation_id::text) FILTER (WHERE p.conversation_id IS NOT NULL), '{}') AS conversation_ids
FROM me LEFT JOIN public.conversation_participants p ON p.user_id = me.id
GROUP BY me.id`;

export async function findSocketPerson(
  database: Database,
  tokenHash: Buffer,
): Promise<{ id: string; conversationIds: string[] } | undefined> {
  const [row] = await database.query<{ id: string; conversation_ids: string[] }>(FIND_SOCKET_PERSON, [
    tokenHash,
  ]);
  return row === undefined ? undefined : { id: row.id, conversationIds: row.conversation_ids };
}

/** At most once in five minutes, also where several processes have sockets of a session; whoever holds a row just now notes it. */
const USED = `
WITH due AS (
  SELECT token_hash FROM parley.sessions
  WHERE token_hash = ANY ($1::bytea[]) AND revoked_at IS NULL AND coalesce(last_used_at, created_at) < now() - interval '5 min'
  FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE parley.sessions s SET last_used_at = now() FROM due WHERE s.token_hash = due.token_hash`;

/** These sessions have a socket open here. */
export async function noteUsed(database: Database, tokenHashes: Buffer[]): Promise<void> {
  if (tokenHashes.length > 0) await database.query(USED, [tokenHashes]);
}

const STILL_VALID = `
SELECT encode(token_hash, 'hex') AS hash FROM parley.sessions
WHERE token_hash = ANY ($1::bytea[]) AND revoked_at IS NULL AND expires_at > now()`;

/** @returns those of the given hashes (hex) whose sessions go on. */
export async function validSessions(database: Database, tokenHashes: Buffer[]): Promise<Set<string>> {
  const rows = await database.query<{ hash: string }>(STILL_VALID, [tokenHashes]);
  return new Set(rows.map((row) => row.hash));
}
