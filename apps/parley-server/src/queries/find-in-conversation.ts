import type { Database } from '../database.ts';
import { ME, messageColumns, mineOf, nameOf } from './fragments.ts';
import type { SeenMessageRow } from './message-row.ts';

/** How far back is looked. Bounded, because every one of these messages is read. */
const NEWEST = 20_000;

const FIND = `
WITH ${ME},
access AS (
  SELECT me.id AS me, c.id, c.last_seq
  FROM me LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
    ON p.conversation_id = $2 AND p.user_id = me.id
),
found AS (
  SELECT ${messageColumns('m')}, ${mineOf('m', 'a.me')} AS mine
  FROM access a JOIN public.messages m ON m.conversation_id = a.id AND m.seq > a.last_seq - ${NEWEST}
  WHERE m.deleted_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM unnest($3::text[]) AS word WHERE strpos(lower(m.body), lower(word)) = 0)
  ORDER BY m.seq DESC LIMIT $4
)
SELECT a.me, a.id IS NOT NULL AS member, ${messageColumns('f')}, f.mine, ${nameOf('u')} AS sender_name
FROM access a LEFT JOIN found f ON true LEFT JOIN auth.users u ON u.id = f.sender_id
ORDER BY f.seq DESC`;

/** The newest messages that have all of these words. @returns undefined without a valid session, null for who is no member. */
export async function findInConversation(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  { words, limit }: { words: string[]; limit: number },
): Promise<{ me: string; rows: SeenMessageRow[] } | null | undefined> {
  type Row = (SeenMessageRow | { id: null }) & { me: string; member: boolean };
  const rows = await database.query<Row>(FIND, [tokenHash, conversationId, words, limit]);
  const [first] = rows;
  if (first === undefined) return undefined;
  if (!first.member) return null;
  return { me: first.me, rows: rows.filter((row): row is Row & SeenMessageRow => row.id !== null) };
}
