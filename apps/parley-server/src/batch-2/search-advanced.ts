import type { Database } from '../database.ts';
import { messageColumns, mineOf, nameOf } from '../queries/fragments.ts';
import type { SeenMessageRow } from '../queries/message-row.ts';
import type { SearchQuery } from './search-query.ts';

/** Reads messages.body_search, which Batch 2 adds. An operator that was not used is null and asks for nothing. */
const ADVANCED = `
SELECT ${messageColumns('m')}, ${nameOf('u')} AS sender_name, ${mineOf('m', '$1')} AS mine
FROM public.messages m
JOIN auth.users u ON u.id = m.sender_id
JOIN public.conversations c ON c.id = m.conversation_id
JOIN public.conversation_participants p ON p.conversation_id = m.conversation_id AND p.user_id = $1
WHERE m.deleted_at IS NULL
  AND ($2::text IS NULL OR m.body_search @@ websearch_to_tsquery('simple', $2))
  AND ($3::text IS NULL OR strpos(lower(${nameOf('u')}), lower($3)) > 0 OR lower(split_part(u.email, '@', 1)) = lower($3))
  AND ($4::text IS NULL OR strpos(lower(c.title), lower($4)) > 0)
  AND ($5::date IS NULL OR m.created_at < $5::date)
  AND ($6::date IS NULL OR m.created_at >= $6::date + 1)
ORDER BY m.created_at DESC, m.id LIMIT $7`;

/** @throws Postgres' 42703 while the column is not there: see fallback.ts. */
export async function searchAdvanced(
  database: Database,
  userId: string,
  { text, from, in: title, before, after }: SearchQuery,
  limit: number,
): Promise<SeenMessageRow[]> {
  const values = [userId, text, from, title, before, after, limit];
  return await database.query<SeenMessageRow>(ADVANCED, values);
}
