import type { QueryResultRow } from 'pg';
import { isHere } from './fragments.ts';
import { ending } from './own-sessions.ts';

/** What is shown in place of the name. */
const FORMER = 'Former member';

/**
 * One person: of two whose addresses differ in their letters' case alone, the one who would log in with it. The row stays, since messages, and whoever answered them, hang on it. Whatever tells who they were goes: name, address, password,
 * profile, notifications, ratings. They leave channels; in direct conversations they stay, for those whom they were with.
 */
const REMOVE = `
WITH wanted AS (
  SELECT u.id FROM auth.users u
  WHERE (u.id::text = lower($1) OR u.email IN ($1, lower($1))) AND ${isHere('u')}
  ORDER BY u.id::text = lower($1) DESC, u.email = $1 DESC
  LIMIT 1
),
gone AS (
  UPDATE auth.users u SET email = NULL, encrypted_password = NULL, updated_at = now(),
    raw_user_meta_data = jsonb_build_object('name', '${FORMER}', 'removed_at', now())
  FROM wanted WHERE u.id = wanted.id AND ${isHere('u')}
  RETURNING u.id
),
left_channels AS (
  DELETE FROM public.conversation_participants p USING gone, public.conversations c
  WHERE p.user_id = gone.id AND c.id = p.conversation_id AND c.kind = 'channel'
  RETURNING p.conversation_id
),
unsent AS (DELETE FROM parley.attachments a USING gone WHERE a.uploader_id = gone.id AND a.message_id IS NULL),
profile AS (DELETE FROM parley.profiles p USING gone WHERE p.user_id = gone.id),
notified AS (DELETE FROM parley.notifications n USING gone WHERE n.user_id = gone.id),
rated AS (DELETE FROM parley.ratings r USING gone WHERE r.user_id = gone.id),
presence AS (DELETE FROM parley.presence p USING gone WHERE p.user_id = gone.id),
${ending('gone', 'true')}
SELECT gone.id, (SELECT count(*) FROM left_channels)::int AS channels, (SELECT count(*) FROM told)::int AS sessions
FROM gone`;

interface Queries {
  query<Row extends QueryResultRow>(sql: string, values: unknown[]): Promise<Row[]>;
}

export type RemovedPerson = {
  id: string;
  /** How many channels they have left. */
  channels: number;
  /** How many of their sessions ended by this, with the sockets that these had opened. */
  sessions: number;
};

/** @param who an id or an email address. @returns undefined where there is nobody of that name, or no more. */
export async function removePerson(database: Queries, who: string): Promise<RemovedPerson | undefined> {
  const [removed] = await database.query<RemovedPerson>(REMOVE, [who]);
  return removed;
}
