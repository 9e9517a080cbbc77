import type { Database } from '../database.ts';
import { ME } from './fragments.ts';
import { notifyRoom } from './notify.ts';

/** Among more, who has read what is no news for anybody. */
const MOST_FOR_RECEIPTS = 20;

const ACCESS = `access AS (
  SELECT me.id AS me, p.conversation_id, p.last_read_seq, c.member_count, least($3::bigint, c.last_seq) AS wanted
  FROM me
  LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
    ON p.conversation_id = $2 AND p.user_id = me.id
)`;

const ANSWER = `a.conversation_id IS NOT NULL AS member, coalesce(m.last_read_seq, a.last_read_seq) AS last_read_seq,
  CASE WHEN m.last_read_seq IS NOT NULL THEN ${notifyRoom(
    'read',
    `'u:' || a.me`,
    `json_build_object('conversationId', a.conversation_id, 'seq', m.last_read_seq)`,
  )} END AS told`;

const MARK_READ = `
WITH ${ME},
${ACCESS},
moved AS (
  -- By what this statement saw: where the mark moved further while it waited for the row, it answers with that.
  UPDATE public.conversation_participants p SET last_read_seq = greatest(p.last_read_seq, a.wanted)
  FROM access a
  WHERE p.conversation_id = a.conversation_id AND p.user_id = a.me AND a.last_read_seq < a.wanted
  RETURNING p.last_read_seq
),
noticed AS (
  UPDATE parley.notifications n SET read_at = now()
  FROM access a
  WHERE n.user_id = a.me AND n.conversation_id = a.conversation_id AND n.seq <= a.wanted AND n.read_at IS NULL
  RETURNING n.id
)
SELECT ${ANSWER},
  CASE WHEN m.last_read_seq IS NOT NULL AND a.member_count <= ${MOST_FOR_RECEIPTS} THEN ${notifyRoom(
    'seen',
    `'c:' || a.conversation_id`,
    `json_build_object('conversationId', a.conversation_id, 'userId', a.me, 'seq', m.last_read_seq)`,
  )} END AS told_others,
  CASE WHEN EXISTS (SELECT 1 FROM noticed) THEN ${notifyRoom(
    'notification',
    `'u:' || a.me`,
    'json_build_object()',
  )} END AS told_of_notifications
FROM access a LEFT JOIN moved m ON true`;

const MARK_UNREAD = `
WITH ${ME},
${ACCESS},
moved AS (
  UPDATE public.conversation_participants p SET last_read_seq = a.wanted
  FROM access a
  WHERE p.conversation_id = a.conversation_id AND p.user_id = a.me AND a.last_read_seq <> a.wanted
  RETURNING p.last_read_seq
)
SELECT ${ANSWER}
FROM access a LEFT JOIN moved m ON true`;

export type ReadMark = { outcome: 'done'; lastReadSeq: number } | { outcome: 'not_member' };

/**
 * Never goes back, and never past the newest message. What the person was notified of up to there is read as well.
 * @returns undefined without a valid session.
 */
export async function markRead(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  seq: number,
): Promise<ReadMark | undefined> {
  return await mark(database, MARK_READ, [tokenHash, conversationId, seq]);
}

/** From this message on everything counts as unread, also what was read. @returns undefined without a valid session. */
export async function markUnread(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  seq: number,
): Promise<ReadMark | undefined> {
  return await mark(database, MARK_UNREAD, [tokenHash, conversationId, Math.max(0, seq - 1)]);
}

async function mark(database: Database, sql: string, values: unknown[]): Promise<ReadMark | undefined> {
  type Row = { member: boolean; last_read_seq: number };
  const [row] = await database.query<Row>(sql, values);
  if (row === undefined) return undefined;
  return row.member ? { outcome: 'done', lastReadSeq: row.last_read_seq } : { outcome: 'not_member' };
}
