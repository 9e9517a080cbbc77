import type { ClientBase } from 'pg';
import { inTransaction } from '../in-transaction.ts';

// Whoever wrote lately may have a few unread messages, some a heap of them; nobody has unread messages before their own.
// Only participants who have read nothing get a mark: a mark that a person set themselves stays.
const MARK = `
  WITH unmarked AS (
    SELECT p.conversation_id, p.user_id, c.last_seq,
           (hashtextextended(p.user_id::text || p.conversation_id::text, 0) & 1023)::int AS lot
    FROM public.conversation_participants p
    JOIN public.conversations c ON c.id = p.conversation_id
    WHERE p.conversation_id = $1 AND p.last_read_seq = 0 AND c.last_seq > 0
  ), lately AS (
    SELECT m.sender_id, max(m.seq) AS last_written
    FROM public.messages m
    WHERE m.conversation_id = $1
      AND m.seq > (SELECT last_seq - $2 FROM public.conversations WHERE id = $1)
      AND EXISTS (SELECT FROM unmarked)
    GROUP BY m.sender_id
  )
  UPDATE public.conversation_participants p
  SET last_read_seq = greatest(
    lately.last_written,
    unmarked.last_seq - CASE WHEN lately.sender_id IS NULL OR lot < 700 THEN 0 WHEN lot < 960 THEN lot % 30 ELSE lot END,
    1)
  FROM unmarked LEFT JOIN lately ON lately.sender_id = unmarked.user_id
  WHERE p.conversation_id = unmarked.conversation_id AND p.user_id = unmarked.user_id`;

/** Writing within the newest so many messages counts as "lately". */
const LATELY_MESSAGES = 4_000;

/** Gives the participants of an imported conversation a believable place up to which they have read. */
export async function markMostlyRead(client: ClientBase, conversationId: string): Promise<void> {
  await inTransaction(client, async () => await client.query(MARK, [conversationId, LATELY_MESSAGES]));
}
