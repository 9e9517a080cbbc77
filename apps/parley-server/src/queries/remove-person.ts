import type { ClientBase } from 'pg';
import { mayRunAgain } from '../database-errors.ts';
import { inTransaction } from '../in-transaction.ts';
import { isHere } from './fragments.ts';
import { ending } from './own-sessions.ts';

/** What is shown in place of the name. */
const FORMER = 'Former member';

/**
 * One person: of two whose addresses differ in the case of letters alone, the one who would log in with it. A statement of its
 * own: the next one must see what was committed by those who held the row before us, such as a log-in.
 */
const LOCK = `
SELECT u.id FROM auth.users u
WHERE (u.id::text = lower($1) OR u.email IN ($1, lower($1))) AND ${isHere('u')}
ORDER BY u.id::text = lower($1) DESC, u.email = $1 DESC
LIMIT 1
FOR UPDATE`;

/**
 * The row stays, since messages, and whoever answered them, hang on it. Whatever tells who they were goes: name, address, password,
 * profile, notifications, ratings. They leave channels; in direct conversations they stay, for those whom they were with.
 */
const REMOVE = `
WITH gone AS (
  UPDATE auth.users u SET email = NULL, encrypted_password = NULL, updated_at = now(),
    raw_user_meta_data = jsonb_build_object('name', '${FORMER}', 'removed_at', now())
  WHERE u.id = $1
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

export type RemovedPerson = {
  id: string;
  /** How many channels they have left. */
  channels: number;
  /** How many of their sessions ended by this, with the sockets that these had opened. */
  sessions: number;
};

const ATTEMPTS = 4;

/** @param who an id or an email address. @returns undefined where there is nobody of that name, or no more. */
export async function removePerson(client: ClientBase, who: string): Promise<RemovedPerson | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(client, async () => await lockAndRemove(client, who));
    } catch (error) {
      // They may be writing just now, which takes the same rows in another order.
      if (!mayRunAgain(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function lockAndRemove(client: ClientBase, who: string): Promise<RemovedPerson | undefined> {
  const locked = await client.query<{ id: string }>(LOCK, [who]);
  const [person] = locked.rows;
  if (person === undefined) return undefined;
  return (await client.query<RemovedPerson>(REMOVE, [person.id])).rows[0];
}
