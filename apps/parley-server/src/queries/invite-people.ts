import type { Database } from '../database.ts';
import { isHere } from './fragments.ts';

/** By messages, and by id where these are equal: the same people each time. Only who takes part somewhere. */
const MOST_ACTIVE = `
SELECT u.id, u.email
FROM (SELECT sender_id, count(*) AS messages FROM public.messages WHERE deleted_at IS NULL GROUP BY sender_id) wrote
JOIN auth.users u ON u.id = wrote.sender_id
WHERE EXISTS (SELECT 1 FROM public.conversation_participants p WHERE p.user_id = u.id) AND ${isHere('u')}
ORDER BY wrote.messages DESC, u.id
LIMIT $1`;

export async function mostActivePeople(
  database: Database,
  count: number,
): Promise<{ id: string; email: string | null }[]> {
  return await database.query(MOST_ACTIVE, [count]);
}

/**
 * An address that somebody has is kept. Whoever knew the old password is logged out. Nobody gets one if somebody was removed
 * meanwhile: the file with the passwords would hold one that is good for nothing.
 */
const SET_PASSWORDS = `
WITH given AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS g (id, email, hash)),
here AS (
  SELECT u.id FROM given g JOIN auth.users u ON u.id = g.id AND ${isHere('u')}
  ORDER BY u.id FOR NO KEY UPDATE OF u
),
changed AS (
  UPDATE auth.users u SET encrypted_password = g.hash, email = coalesce(u.email, g.email), updated_at = now()
  FROM given g WHERE u.id = g.id AND (SELECT count(*) FROM here) = cardinality($1::uuid[])
  RETURNING u.id
),
ended AS (
  UPDATE parley.sessions s SET revoked_at = now() FROM changed c WHERE s.user_id = c.id AND s.revoked_at IS NULL
)
SELECT (SELECT count(*) FROM here)::int AS here FROM (SELECT count(*) FROM changed) counted`;

export async function setPasswords(
  database: Database,
  people: readonly { id: string; email: string; hash: string }[],
): Promise<void> {
  const ids = people.map(({ id }) => id);
  const emails = people.map(({ email }) => email);
  const hashes = people.map(({ hash }) => hash);
  const [counted] = await database.query<{ here: number }>(SET_PASSWORDS, [ids, emails, hashes]);
  const here = counted?.here ?? 0;
  if (here === people.length) return;
  const gone = people.length - here;
  throw new Error(
    `${gone} of ${people.length} people ${gone === 1 ? 'was' : 'were'} removed meanwhile: nobody got a password`,
  );
}
