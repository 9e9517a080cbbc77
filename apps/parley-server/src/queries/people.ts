import type { Database } from '../database.ts';
import { ME, nameOf } from './fragments.ts';

export type ListedPerson = { id: string; name: string; title: string; is_agent: boolean; is_active: boolean };

/** How long after it was last seen somebody counts as being there: three times as often as processes say so. */
export const ACTIVE_SECONDS = 60;

/** SQL for whether a person has a socket open somewhere. */
export const isActive = (userId: string): string => `EXISTS (
  SELECT 1 FROM parley.presence here
  WHERE here.user_id = ${userId} AND here.seen_at > now() - interval '${ACTIVE_SECONDS} s')`;

/** Small letters, without accents, whichever way they are encoded: "Inês" is found by "ines". */
export const plain = (text: string): string =>
  `regexp_replace(normalize(lower(${text}), NFD), '[\\u0300-\\u036f]', '', 'g')`;

const COLUMNS = `u.id, ${nameOf('u')} AS name, coalesce(p.title, '') AS title, coalesce(p.is_agent, false) AS is_agent,
  ${isActive('u.id')} AS is_active`;

/** Only who is asked for and known. */
const BY_ID = `
WITH ${ME}
SELECT ${COLUMNS}
FROM me
JOIN auth.users u ON u.id = ANY ($2::uuid[])
LEFT JOIN parley.profiles p ON p.user_id = u.id`;

/** Names are looked through one by one: ten thousand take a few milliseconds, and Supabase's table is not ours to index. */
const BY_NAME = `
WITH ${ME}, found AS (
  SELECT u.id, ${nameOf('u')} AS name FROM me CROSS JOIN auth.users u
)
SELECT ${COLUMNS.replace(`${nameOf('u')} AS name`, 'found.name')}
FROM found JOIN auth.users u ON u.id = found.id
LEFT JOIN parley.profiles p ON p.user_id = u.id
WHERE position(' ' || ${plain('$2')} IN ' ' || ${plain('found.name')}) > 0
ORDER BY found.name, u.id
LIMIT $3`;

/** Those with whom one spoke last, of direct conversations; then others by name. */
const NEAREST = `
WITH ${ME}, recent AS (
  SELECT other.user_id AS id, max(c.last_seq) AS lively
  FROM me
  JOIN public.conversation_participants mine ON mine.user_id = me.id
  JOIN public.conversations c ON c.id = mine.conversation_id AND c.kind = 'direct'
  JOIN public.conversation_participants other ON other.conversation_id = c.id AND other.user_id <> me.id
  GROUP BY other.user_id
)
SELECT ${COLUMNS}
FROM me CROSS JOIN auth.users u
LEFT JOIN recent ON recent.id = u.id
LEFT JOIN parley.profiles p ON p.user_id = u.id
ORDER BY recent.lively DESC NULLS LAST, ${nameOf('u')}, u.id
LIMIT $2`;

export async function peopleByIds(
  database: Database,
  tokenHash: Buffer,
  ids: string[],
): Promise<ListedPerson[]> {
  return await database.query<ListedPerson>(BY_ID, [tokenHash, ids]);
}

/** By the beginning of any word of a name; without words, those nearest to whoever asks. */
export async function findPeople(
  database: Database,
  tokenHash: Buffer,
  words: string,
  limit: number,
): Promise<ListedPerson[]> {
  return words === ''
    ? await database.query<ListedPerson>(NEAREST, [tokenHash, limit])
    : await database.query<ListedPerson>(BY_NAME, [tokenHash, words, limit]);
}

/** Of these, those who are there. */
const ACTIVE = `
WITH ${ME}
SELECT h.user_id FROM me JOIN parley.presence h ON h.user_id = ANY ($2::uuid[])
WHERE h.seen_at > now() - interval '${ACTIVE_SECONDS} s'`;

export async function activeAmong(database: Database, tokenHash: Buffer, ids: string[]): Promise<string[]> {
  const rows = await database.query<{ user_id: string }>(ACTIVE, [tokenHash, ids]);
  return rows.map((row) => row.user_id);
}

/** In the order of ids, so that two processes do not wait for each other in a circle. */
const SEEN = `
INSERT INTO parley.presence (user_id, seen_at)
SELECT id, now() FROM unnest($1::uuid[]) AS given (id) ORDER BY id
ON CONFLICT (user_id) DO UPDATE SET seen_at = excluded.seen_at`;

/** These people have a socket open here. */
export async function notePresent(database: Database, userIds: string[]): Promise<void> {
  if (userIds.length > 0) await database.query(SEEN, [userIds]);
}
