import type { Database } from '../database.ts';
import { SESSION_ROOM_SQL } from '../sessions.ts';
import { ME } from './fragments.ts';
import { notifyDisconnect, notifyRoom } from './notify.ts';

export type OwnSession = {
  id: string;
  created_at: Date;
  last_used_at: Date | null;
  user_agent: string;
  current: boolean;
};

const LIST = `
WITH ${ME}
SELECT s.id, s.created_at, s.last_used_at, s.user_agent, s.token_hash = $1 AS current
FROM me JOIN parley.sessions s ON s.user_id = me.id
WHERE s.revoked_at IS NULL AND s.expires_at > now()
ORDER BY current DESC, coalesce(s.last_used_at, s.created_at) DESC
LIMIT 100`;

/** The asker's own is the first. @returns undefined when there is none, that is without a valid session. */
export async function listSessions(database: Database, tokenHash: Buffer): Promise<OwnSession[] | undefined> {
  const rows = await database.query<OwnSession>(LIST, [tokenHash]);
  return rows.length === 0 ? undefined : rows;
}

/** Ends sessions of `whose` and, in the same moment everywhere, the sockets they opened. */
export const ending = (whose: string, which: string): string => `
ended AS (
  UPDATE parley.sessions s SET revoked_at = now()
  FROM ${whose} WHERE s.user_id = ${whose}.id AND s.revoked_at IS NULL AND s.expires_at > now() AND ${which}
  RETURNING s.token_hash
),
told AS (
  SELECT ${notifyRoom('session_ended', SESSION_ROOM_SQL, 'json_build_object()')} AS told,
    ${notifyDisconnect(SESSION_ROOM_SQL)} AS closed
  FROM ended
)`;
const OTHERS = 's.token_hash <> $1';
const HOW_MANY = '(SELECT count(*) FROM told)::int AS ended';

const END_ONE = `WITH ${ME}, ${ending('me', 's.id = $2')} SELECT ${HOW_MANY} FROM me`;
const END_OTHERS = `WITH ${ME}, ${ending('me', OTHERS)} SELECT ${HOW_MANY} FROM me`;

/** How many were ended; undefined without a valid session. */
export async function endOwnSession(
  database: Database,
  tokenHash: Buffer,
  id: string,
): Promise<number | undefined> {
  const [row] = await database.query<{ ended: number }>(END_ONE, [tokenHash, id]);
  return row?.ended;
}

/** How many were ended; undefined without a valid session. */
export async function endOtherSessions(database: Database, tokenHash: Buffer): Promise<number | undefined> {
  const [row] = await database.query<{ ended: number }>(END_OTHERS, [tokenHash]);
  return row?.ended;
}

const MY_CREDENTIALS = `
WITH ${ME} SELECT u.id, u.email, u.encrypted_password FROM me JOIN auth.users u ON u.id = me.id`;

export type OwnCredentials = { id: string; email: string | null; encrypted_password: string | null };

/** @returns undefined without a valid session. */
export async function ownCredentials(
  database: Database,
  tokenHash: Buffer,
): Promise<OwnCredentials | undefined> {
  const [row] = await database.query<OwnCredentials>(MY_CREDENTIALS, [tokenHash]);
  return row;
}

/** Only if it is still the one that was checked: another change may have come in between. Whoever knew the old one is out with it. */
const SET_PASSWORD = `
WITH ${ME},
changed AS (
  UPDATE auth.users u SET encrypted_password = $3, updated_at = now()
  FROM me WHERE u.id = me.id AND u.encrypted_password = $2
  RETURNING u.id
),
${ending('changed', OTHERS)}
SELECT ${HOW_MANY} FROM changed`;

/** Ends all other sessions as well. @returns false without a valid session, or when the password was another one. */
export async function setOwnPassword(
  database: Database,
  tokenHash: Buffer,
  { before, hash }: { before: string; hash: string },
): Promise<boolean> {
  return (await database.query(SET_PASSWORD, [tokenHash, before, hash])).length > 0;
}
