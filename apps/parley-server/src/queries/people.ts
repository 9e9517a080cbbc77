import type { Database } from '../database.ts';
import { foundRows } from './found-rows.ts';
import { isHere, ME, nameOf } from './fragments.ts';

export type ListedPerson = { id: string; name: string; title: string; is_agent: boolean; is_active: boolean };

/** How long after it was last seen somebody counts as being there: three times as often as processes say so. */
const ACTIVE_SECONDS = 60;

/** SQL for whether a person has a socket open somewhere. */
export const isActive = (userId: string): string => `EXISTS (
  SELECT 1 FROM parley.presence here
  WHERE here.user_id = ${userId} AND here.seen_at > now() - interval '${ACTIVE_SECONDS} s')`;

/**
 * SQL for small letters without accents, whichever way they are encoded: "Inês" is found by "ines". Accents go first, since a database
 * of the C locale knows only the small letters of ASCII; what is all ASCII, as most names are, has none.
 */
export const plain = (text: string): string => `lower(
  CASE WHEN octet_length(${text}) = char_length(${text}) THEN ${text}
  ELSE regexp_replace(normalize(${text}, NFD), '[\\u0300-\\u036f]', '', 'g') END)`;

/** The same with a space for whatever else parts the words of a name. */
const inWords = (text: string): string => `translate(${plain(text)}, '-''’._()', '       ')`;

/**
 * SQL for whether one of the words of a name begins with what is looked for: "Anna-Lena" is found by "lena". Names that do not hold it
 * at all, which are most of them, are told apart at a third of the cost.
 */
export const hasWord = (name: string, words: string): string =>
  `position(${plain(words)} IN ${plain(name)}) > 0 AND position(' ' || ${inWords(words)} IN ' ' || ${inWords(name)}) > 0`;

/** @param name SQL, where it is not that of the person `u` as it stands */
const columns = (name = nameOf('u')): string => `u.id, ${name} AS name, coalesce(p.title, '') AS title,
  coalesce(p.is_agent, false) AS is_agent, ${isActive('u.id')} AS is_active`;

/** Only who is asked for and known. */
const BY_ID = `
WITH ${ME}
SELECT ${columns()}
FROM me
LEFT JOIN auth.users u ON u.id = ANY ($2::uuid[])
LEFT JOIN parley.profiles p ON p.user_id = u.id`;

/**
 * Names are looked through one by one: ten thousand take some milliseconds, and Supabase's table is not ours to index. Materialized,
 * or a name would be put together each time that it is looked at.
 */
const BY_NAME = `
WITH ${ME},
named AS MATERIALIZED (
  SELECT u.id, ${nameOf('u')} AS name FROM me CROSS JOIN auth.users u WHERE ${isHere('u')}
),
found AS (
  SELECT id, name FROM named WHERE ${hasWord('named.name', '$2')} ORDER BY name, id LIMIT $3
)
SELECT ${columns('u.name')}
FROM me
LEFT JOIN found u ON true
LEFT JOIN parley.profiles p ON p.user_id = u.id
ORDER BY u.name, u.id`;

/** Those with whom one spoke last, of direct conversations; then others by name. */
const NEAREST = `
WITH ${ME},
recent AS (
  SELECT other.user_id AS id, max(coalesce(newest.created_at, c.created_at)) AS spoke_at
  FROM me
  JOIN public.conversation_participants mine ON mine.user_id = me.id
  JOIN public.conversations c ON c.id = mine.conversation_id AND c.kind = 'direct'
  LEFT JOIN public.messages newest ON newest.conversation_id = c.id AND newest.seq = c.last_seq
  JOIN public.conversation_participants other ON other.conversation_id = c.id AND other.user_id <> me.id
  GROUP BY other.user_id
)
SELECT ${columns()}
FROM me LEFT JOIN auth.users u ON ${isHere('u')}
LEFT JOIN recent ON recent.id = u.id
LEFT JOIN parley.profiles p ON p.user_id = u.id
ORDER BY recent.spoke_at DESC NULLS LAST, ${nameOf('u')}, u.id
LIMIT $2`;

/** @returns undefined without a valid session. */
export async function peopleByIds(
  database: Database,
  tokenHash: Buffer,
  ids: string[],
): Promise<ListedPerson[] | undefined> {
  return foundRows<ListedPerson>(await database.query(BY_ID, [tokenHash, ids]));
}

/**
 * By the beginning of any word of a name; without words, those nearest to whoever asks.
 * @returns undefined without a valid session.
 */
export async function findPeople(
  database: Database,
  tokenHash: Buffer,
  words: string,
  limit: number,
): Promise<ListedPerson[] | undefined> {
  return foundRows<ListedPerson>(
    words === ''
      ? await database.query(NEAREST, [tokenHash, limit])
      : await database.query(BY_NAME, [tokenHash, words, limit]),
  );
}

/** Of these, those who are there. */
const ACTIVE = `
WITH ${ME}
SELECT h.user_id AS id FROM me LEFT JOIN parley.presence h
  ON h.user_id = ANY ($2::uuid[]) AND h.seen_at > now() - interval '${ACTIVE_SECONDS} s'`;

/** @returns undefined without a valid session. */
export async function activeAmong(
  database: Database,
  tokenHash: Buffer,
  ids: string[],
): Promise<string[] | undefined> {
  return foundRows<{ id: string }>(await database.query(ACTIVE, [tokenHash, ids]))?.map(({ id }) => id);
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
