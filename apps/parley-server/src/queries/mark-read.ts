import type { Database } from '../database.ts';
import { ME } from './fragments.ts';
import { notifyRoom } from './notify.ts';

const MARK_READ = `
WITH ${ME},
access AS (
  SELECT me.id AS me, p.conversation_id, p.last_read_seq, least($3::bigint, c.last_seq) AS wanted
  FROM me
  LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
    ON p.conversation_id = $2 AND p.user_id = me.id
),
moved AS (
  -- By what this statement saw: where the mark moved further while it waited for the row, it answers with that.
  UPDATE public.conversation_participants p SET last_read_seq = greatest(p.last_read_seq, a.wanted)
  FROM access a
  WHERE p.conversation_id = a.conversation_id AND p.user_id = a.me AND a.last_read_seq < a.wanted
  RETURNING p.last_read_seq
)
SELECT a.conversation_id IS NOT NULL AS member, coalesce(m.last_read_seq, a.last_read_seq) AS last_read_seq,
  CASE WHEN m.last_read_seq IS NOT NULL THEN ${notifyRoom(
    'read',
    `'u:' || a.me`,
    `json_build_object('conversationId', a.conversation_id, 'seq', m.last_read_seq)`,
  )} END AS told
FROM access a LEFT JOIN moved m ON true`;

export type ReadMark = { outcome: 'done'; lastReadSeq: number } | { outcome: 'not_member' };

/** Never goes back, and never past the newest message. @returns undefined without a valid session. */
export async function markRead(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  seq: number,
): Promise<ReadMark | undefined> {
  type Row = { member: boolean; last_read_seq: number };
  const [row] = await database.query<Row>(MARK_READ, [tokenHash, conversationId, seq]);
  if (row === undefined) return undefined;
  return row.member ? { outcome: 'done', lastReadSeq: row.last_read_seq } : { outcome: 'not_member' };
}
