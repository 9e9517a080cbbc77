import type { Database } from '../database.ts';
import { TITLE } from './conversations.ts';
import { beginningOf, namesIn } from './excerpts.ts';
import { ME, nameOf } from './fragments.ts';
import { notifyRoom } from './notify.ts';

/** Counting stops here: nobody reads so many one by one. */
const MOST_COUNTED = 1_000;

/** Only of conversations in which the person still takes part: what they left, they cannot read. */
const unreadAfter = (id: string): string => `counted AS MATERIALIZED (
  SELECT count(*) AS unread FROM (
    SELECT 1 FROM me
    JOIN parley.notifications n ON n.user_id = me.id
    JOIN public.conversation_participants p ON p.conversation_id = n.conversation_id AND p.user_id = n.user_id
    WHERE n.read_at IS NULL AND n.id > ${id}
    LIMIT ${MOST_COUNTED}
  ) unread_ones
)`;

const LIST = `
WITH ${ME},
${unreadAfter('0')}
SELECT counted.unread, n.id, n.kind, n.conversation_id, ${TITLE} AS conversation_title, n.message_id, n.seq,
  m.thread_id, n.sender_id, ${nameOf('u')} AS sender_name, ${beginningOf('m')} AS beginning, ${namesIn('m')} AS names,
  n.created_at, n.read_at
FROM me CROSS JOIN counted
LEFT JOIN LATERAL (
  SELECT i.* FROM parley.notifications i
  JOIN public.conversation_participants p ON p.conversation_id = i.conversation_id AND p.user_id = i.user_id
  WHERE i.user_id = me.id AND i.id < $2
  ORDER BY i.id DESC LIMIT $3
) n ON true
LEFT JOIN public.messages m ON m.id = n.message_id
LEFT JOIN public.conversations c ON c.id = n.conversation_id
LEFT JOIN auth.users u ON u.id = n.sender_id
ORDER BY n.id DESC`;

export type NotificationRow = {
  id: number;
  kind: 'mention' | 'reply';
  conversation_id: string;
  conversation_title: string;
  message_id: string;
  seq: number;
  thread_id: string | null;
  sender_id: string;
  sender_name: string;
  beginning: string;
  names: Record<string, string> | null;
  created_at: Date;
  read_at: Date | null;
};

/** The newest first. @returns undefined without a valid session. */
export async function listNotifications(
  database: Database,
  tokenHash: Buffer,
  { before, limit }: { before: number; limit: number },
): Promise<{ rows: NotificationRow[]; unread: number } | undefined> {
  type Row = (NotificationRow | { id: null }) & { unread: number };
  const found = await database.query<Row>(LIST, [tokenHash, before, limit]);
  const [first] = found;
  if (first === undefined) return undefined;
  const rows = found.filter((row): row is Row & NotificationRow => row.id !== null);
  return { rows, unread: first.unread };
}

/** What is left unread is counted as the statement found it, without what it marks. */
const READ = `
WITH ${ME},
noticed AS (
  UPDATE parley.notifications n SET read_at = now()
  FROM me WHERE n.user_id = me.id AND n.id <= $2 AND n.read_at IS NULL
  RETURNING n.id
),
${unreadAfter('$2')}
SELECT counted.unread,
  CASE WHEN EXISTS (SELECT 1 FROM noticed) THEN ${notifyRoom(
    'notification',
    `'u:' || me.id`,
    'json_build_object()',
  )} END AS told
FROM me CROSS JOIN counted`;

/** @returns how many are left; undefined without a valid session. */
export async function readNotifications(
  database: Database,
  tokenHash: Buffer,
  upTo: number,
): Promise<number | undefined> {
  const [row] = await database.query<{ unread: number }>(READ, [tokenHash, upTo]);
  return row?.unread;
}
