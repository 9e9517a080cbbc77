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

/** An address that somebody has is kept. Whoever knew the old password is logged out. */
const SET_PASSWORDS = `
WITH given AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS g (id, email, hash)),
ended AS (
  UPDATE parley.sessions s SET revoked_at = now() FROM given g WHERE s.user_id = g.id AND s.revoked_at IS NULL
)
UPDATE auth.users u SET encrypted_password = g.hash, email = coalesce(u.email, g.email), updated_at = now()
FROM given g WHERE u.id = g.id
RETURNING u.id`;

export async function setPasswords(
  database: Database,
  people: readonly { id: string; email: string; hash: string }[],
): Promise<void> {
  const ids = people.map(({ id }) => id);
  const emails = people.map(({ email }) => email);
  const hashes = people.map(({ hash }) => hash);
  const rows = await database.query(SET_PASSWORDS, [ids, emails, hashes]);
  if (rows.length !== people.length) {
    throw new Error(
      `${rows.length} of ${people.length} people got their password: the others were removed meanwhile`,
    );
  }
}
