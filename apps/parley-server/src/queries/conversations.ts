import type { Database } from '../database.ts';
import { ME, nameOf } from './fragments.ts';

export type ConversationRow = {
  id: string;
  kind: 'channel' | 'direct';
  title: string;
  topic: string;
  last_seq: number;
  last_read_seq: number;
  version: number;
};

/** A direct conversation without a title of its own is called by the others in it. */
const TITLE = `
CASE WHEN c.kind = 'direct' AND c.title = '' THEN coalesce((
  SELECT string_agg(${nameOf('u')}, ', ' ORDER BY ${nameOf('u')})
  FROM public.conversation_participants o JOIN auth.users u ON u.id = o.user_id
  WHERE o.conversation_id = c.id AND o.user_id <> me.id), '')
ELSE c.title END`;

const LIST = `
WITH ${ME}
SELECT c.id, c.kind, ${TITLE} AS title, c.topic, c.last_seq, p.last_read_seq, c.version
FROM me
LEFT JOIN public.conversation_participants p ON p.user_id = me.id
LEFT JOIN public.conversations c ON c.id = p.conversation_id
LEFT JOIN public.messages newest ON newest.conversation_id = c.id AND newest.seq = c.last_seq
ORDER BY coalesce(newest.created_at, c.created_at) DESC NULLS LAST, c.id`;

/** @returns undefined without a valid session. */
export async function listConversations(
  database: Database,
  tokenHash: Buffer,
): Promise<ConversationRow[] | undefined> {
  const rows = await database.query<ConversationRow | { id: null }>(LIST, [tokenHash]);
  if (rows.length === 0) return undefined;
  return rows.filter((row): row is ConversationRow => row.id !== null);
}

/** Nothing is created unless everybody named is known. */
const CREATE = `
WITH ${ME},
members AS (SELECT u.id FROM auth.users u WHERE u.id = ANY ($5::uuid[])),
created AS (
  INSERT INTO public.conversations (kind, title, topic, created_by)
  SELECT $2, $3, $4, me.id FROM me WHERE (SELECT count(*) FROM members) = cardinality($5::uuid[])
  RETURNING id, kind, title, topic, last_seq, version
),
joined AS (
  INSERT INTO public.conversation_participants (conversation_id, user_id, role)
  SELECT created.id, everyone.id, CASE WHEN everyone.id = me.id THEN 'owner' ELSE 'member' END
  FROM created, me, (SELECT id FROM members UNION SELECT id FROM me) everyone
)
SELECT me.id AS me, c.id, c.kind, c.title, c.topic, c.last_seq, 0::bigint AS last_read_seq, c.version,
  ARRAY(SELECT id::text FROM members) AS known
FROM me LEFT JOIN created c ON true`;

export type NewConversation = {
  kind: 'channel' | 'direct';
  title: string;
  topic: string;
  /** Each once; the asker is a member in any case. */
  memberIds: string[];
};

export type CreatedConversation =
  | { outcome: 'created'; me: string; conversation: ConversationRow }
  | { outcome: 'unknown_members'; unknown: string[] };

/** @returns undefined without a valid session. */
export async function createConversation(
  database: Database,
  tokenHash: Buffer,
  { kind, title, topic, memberIds }: NewConversation,
): Promise<CreatedConversation | undefined> {
  type Row = (ConversationRow | { id: null }) & { me: string; known: string[] };
  const [row] = await database.query<Row>(CREATE, [tokenHash, kind, title, topic, memberIds]);
  if (row === undefined) return undefined;
  if (row.id === null) {
    return { outcome: 'unknown_members', unknown: memberIds.filter((id) => !row.known.includes(id)) };
  }
  return { outcome: 'created', me: row.me, conversation: row };
}

const MEMBERSHIPS = `
SELECT user_id, array_agg(conversation_id::text) AS conversation_ids
FROM public.conversation_participants WHERE user_id = ANY ($1::uuid[]) GROUP BY user_id`;

/** @returns the ids of each person's conversations, by the person's id. */
export async function conversationsOf(
  database: Database,
  userIds: readonly string[],
): Promise<Map<string, string[]>> {
  type Row = { user_id: string; conversation_ids: string[] };
  const rows = await database.query<Row>(MEMBERSHIPS, [userIds]);
  return new Map(rows.map((row) => [row.user_id, row.conversation_ids]));
}

/** The newest message of each of these conversations, to tell sockets of what they may have missed. */
const NEWEST = `
SELECT c.id AS conversation_id, c.last_seq AS seq, m.id, c.version
FROM public.conversations c JOIN public.messages m ON m.conversation_id = c.id AND m.seq = c.last_seq
WHERE c.id = ANY ($1::uuid[])`;

export type NewestMessage = { conversation_id: string; seq: number; id: string; version: number };

export async function newestMessages(
  database: Database,
  conversationIds: readonly string[],
): Promise<NewestMessage[]> {
  return await database.query<NewestMessage>(NEWEST, [conversationIds]);
}
