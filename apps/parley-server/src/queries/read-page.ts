import type { Database } from '../database.ts';
import { ME, messageColumns, nameOf } from './fragments.ts';
import type { MessageRow, SeenMessageRow } from './message-row.ts';

const AUTHORISE = `
WITH ${ME}
SELECT me.id AS me, c.id, c.last_seq, c.version
FROM me
LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
  ON p.conversation_id = $2 AND p.user_id = me.id`;

/** Who asks, and, when they are a member, where the conversation stands. */
export type Access = { me: string; conversation: { lastSeq: number; version: number } | undefined };

/** The cheap question before a page is read or taken from the cache. @returns undefined without a valid session. */
export async function authoriseReading(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
): Promise<Access | undefined> {
  type Row = { me: string; id: string | null; last_seq: number; version: number };
  const [row] = await database.query<Row>(AUTHORISE, [tokenHash, conversationId]);
  if (row === undefined) return undefined;
  const conversation = row.id === null ? undefined : { lastSeq: row.last_seq, version: row.version };
  return { me: row.me, conversation };
}

/** Up to `limit` messages on one side of a number, which is not among them. */
export type PageRange = { side: 'before' | 'after'; seq: number; limit: number };

/** All of one snapshot: these rows are what the conversation held at this version. Rows ascend by seq. */
export type MessagePage = { rows: MessageRow[]; lastSeq: number; version: number };

/** Membership stands in the statement itself, so that no caller can forget it. */
const page = (comparison: '<' | '>', order: 'ASC' | 'DESC'): string => `
SELECT c.last_seq, c.version AS conversation_version, ${messageColumns('m')}, ${nameOf('u')} AS sender_name
FROM public.conversation_participants p
JOIN public.conversations c ON c.id = p.conversation_id
LEFT JOIN LATERAL (
  SELECT ${messageColumns('i')} FROM public.messages i
  WHERE i.conversation_id = c.id AND i.seq ${comparison} $3
  ORDER BY i.seq ${order} LIMIT $4
) m ON true
LEFT JOIN auth.users u ON u.id = m.sender_id
WHERE p.conversation_id = $1 AND p.user_id = $2`;

const PAGE_BEFORE = page('<', 'DESC');
const PAGE_AFTER = page('>', 'ASC');

/** @returns undefined when the person is not (or no longer) a member. */
export async function readPage(
  database: Database,
  conversationId: string,
  userId: string,
  { side, seq, limit }: PageRange,
): Promise<MessagePage | undefined> {
  type Row = (MessageRow | { id: null }) & { last_seq: number; conversation_version: number };
  const sql = side === 'before' ? PAGE_BEFORE : PAGE_AFTER;
  const rows = await database.query<Row>(sql, [conversationId, userId, seq, limit]);
  const [first] = rows;
  if (first === undefined) return undefined;
  const found = rows.filter((row): row is Row & MessageRow => row.id !== null);
  return {
    rows: found.toSorted((a, b) => a.seq - b.seq),
    lastSeq: first.last_seq,
    version: first.conversation_version,
  };
}

/** By index for each message; the viewer sees these messages already. */
const MINE = `
SELECT r.message_id, array_agg(r.emoji) AS mine FROM parley.reactions r
WHERE r.user_id = $1 AND r.message_id = ANY ($2::uuid[]) GROUP BY r.message_id`;

/** What the viewer reacted to these messages, which are the same for everybody. */
export async function withMine(
  database: Database,
  viewerId: string,
  rows: readonly MessageRow[],
): Promise<SeenMessageRow[]> {
  const reacted = rows.filter(({ reactions }) => reactions !== null).map(({ id }) => id);
  if (reacted.length === 0) return rows.map((row) => ({ ...row, mine: null }));
  type Row = { message_id: string; mine: string[] };
  const found = await database.query<Row>(MINE, [viewerId, reacted]);
  const mine = new Map(found.map((row) => [row.message_id, row.mine]));
  return rows.map((row) => ({ ...row, mine: mine.get(row.id) ?? null }));
}
