import type { Database } from '../database.ts';
import { ME, messageColumns, mineOf, nameOf } from './fragments.ts';
import type { SeenMessageRow } from './message-row.ts';

/** The thread of a message, be it the one that is answered or one of the answers. One answer more than was asked for. */
const THREAD = `
WITH ${ME},
asked AS (
  SELECT me.id AS me, coalesce(m.thread_id, m.id) AS root_id
  FROM me
  LEFT JOIN (public.messages m JOIN public.conversation_participants p ON p.conversation_id = m.conversation_id)
    ON m.id = $2 AND p.user_id = me.id
),
shown AS (
  SELECT ${messageColumns('r')} FROM asked a JOIN public.messages r ON r.id = a.root_id
  UNION ALL
  SELECT ${messageColumns('o')} FROM asked a CROSS JOIN LATERAL (
    SELECT ${messageColumns('i')} FROM public.messages i
    WHERE i.thread_id = a.root_id AND i.seq < $3
    ORDER BY i.seq DESC LIMIT $4::integer + 1
  ) o
)
SELECT a.me, a.root_id, ${messageColumns('s')}, ${nameOf('u')} AS sender_name, ${mineOf('s', 'a.me')} AS mine
FROM asked a LEFT JOIN shown s ON true LEFT JOIN auth.users u ON u.id = s.sender_id
ORDER BY s.seq`;

export type Thread = {
  me: string;
  root: SeenMessageRow;
  /** Ascending by seq. */
  replies: SeenMessageRow[];
  hasMoreBefore: boolean;
};

/** @returns undefined without a valid session, null when there is no such message among the asker's. */
export async function readThread(
  database: Database,
  tokenHash: Buffer,
  messageId: string,
  { before, limit }: { before: number; limit: number },
): Promise<Thread | null | undefined> {
  type Row = (SeenMessageRow | { id: null }) & { me: string; root_id: string | null };
  const found = await database.query<Row>(THREAD, [tokenHash, messageId, before, limit]);
  const [first] = found;
  if (first === undefined) return undefined;
  const rows = found.filter((row): row is Row & SeenMessageRow => row.id !== null);
  const root = rows.find(({ id }) => id === first.root_id);
  if (root === undefined) return null;
  const replies = rows.filter((row) => row !== root);
  return { me: first.me, root, replies: replies.slice(-limit), hasMoreBefore: replies.length > limit };
}
