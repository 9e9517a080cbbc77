import { isUniqueViolation } from '../database-errors.ts';
import type { Database } from '../database.ts';
import { ME, messageColumns, nameOf } from './fragments.ts';
import type { MessageRow } from './message-row.ts';
import { notifyRoom } from './notify.ts';

/**
 * One statement, one round trip. The update of the conversation takes its row's lock, so that numbers are given
 * without gaps and in the order of commits; the time is taken behind that lock, so that it grows with the numbers.
 */
const SEND = `
WITH ${ME},
access AS (
  SELECT me.id AS me, p.conversation_id, $5::uuid IS NULL OR EXISTS (
    SELECT 1 FROM public.messages t WHERE t.id = $5 AND t.conversation_id = $2
  ) AS thread_known
  FROM me LEFT JOIN public.conversation_participants p ON p.conversation_id = $2 AND p.user_id = me.id
),
stored AS (
  SELECT ${messageColumns('m')}
  FROM access a JOIN public.messages m ON m.sender_id = a.me AND m.client_id = $3
  WHERE a.conversation_id IS NOT NULL
),
numbered AS (
  UPDATE public.conversations c SET last_seq = c.last_seq + 1, version = c.version + 1
  FROM access a
  WHERE c.id = a.conversation_id AND a.thread_known AND NOT EXISTS (SELECT 1 FROM stored)
  RETURNING c.id, c.last_seq, c.version, a.me
),
sent AS (
  INSERT INTO public.messages AS m (conversation_id, seq, sender_id, thread_id, body, client_id, created_at)
  SELECT n.id, n.last_seq, n.me, $5, $4, $3, clock_timestamp() FROM numbered n
  RETURNING ${messageColumns('m')}
),
read AS (
  UPDATE public.conversation_participants p SET last_read_seq = n.last_seq
  FROM numbered n WHERE p.conversation_id = n.id AND p.user_id = n.me
),
answer AS (
  SELECT true AS fresh, ${messageColumns('sent')} FROM sent
  UNION ALL
  SELECT false, ${messageColumns('stored')} FROM stored
)
SELECT a.me, a.conversation_id IS NOT NULL AS member, a.thread_known, answer.fresh, ${messageColumns('answer')},
  (SELECT n.version FROM numbered n) AS version,
  ${nameOf('u')} AS sender_name,
  CASE WHEN answer.fresh THEN ${notifyRoom(
    'message',
    `'c:' || answer.conversation_id`,
    `json_build_object('conversationId', answer.conversation_id, 'seq', answer.seq, 'id', answer.id,
      'version', (SELECT n.version FROM numbered n))`,
  )} END AS told
FROM access a LEFT JOIN answer ON true LEFT JOIN auth.users u ON u.id = a.me`;

export type NewMessage = { conversationId: string; clientId: string; body: string; threadId: string | null };

export type SentMessage =
  /** `version`: the conversation's, with this message; null when the message was stored before. */
  | { outcome: 'stored'; version: number | null; me: string; message: MessageRow }
  | { outcome: 'not_member' }
  | { outcome: 'unknown_thread' };

const ATTEMPTS = 3;

/**
 * Idempotent by sender and client id. Two identical sends at the same moment, also through two processes: the later
 * one meets the unique index, is undone as a whole (its number too), and finds the stored message when run again.
 * @returns undefined without a valid session.
 */
export async function sendMessage(
  database: Database,
  tokenHash: Buffer,
  { conversationId, clientId, body, threadId }: NewMessage,
): Promise<SentMessage | undefined> {
  type Row = MessageRow & {
    me: string;
    member: boolean;
    thread_known: boolean;
    fresh: boolean | null;
    version: number | null;
  };
  const values = [tokenHash, conversationId, clientId, body, threadId];
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [row] = await database.query<Row>(SEND, values);
      if (row === undefined) return undefined;
      if (!row.member) return { outcome: 'not_member' };
      if (row.fresh === null) return { outcome: 'unknown_thread' };
      return { outcome: 'stored', version: row.version, me: row.me, message: row };
    } catch (error) {
      if (!isUniqueViolation(error, 'messages_sender_client_id') || attempt === ATTEMPTS) throw error;
    }
  }
}
