import type { Database } from '../database.ts';
import { beginningOf, namesIn } from './excerpts.ts';
import { isHere, ME, ME_HERE, nameOf } from './fragments.ts';
import { bringIn, ROOMS_AT_ONCE } from './move-sockets.ts';

export type ConversationRow = {
  id: string;
  kind: 'channel' | 'direct';
  title: string;
  topic: string;
  last_seq: number;
  last_read_seq: number;
  version: number;
  muted: boolean;
  role: 'owner' | 'member';
  joinable: boolean;
  member_count: number;
  /** Unread ones, of the asker. */
  mentions: number;
  /** Of a direct conversation: some of the other people in it. */
  others: { id: string; name: string }[] | null;
  newest: {
    sender_id: string;
    sender_name: string;
    beginning: string;
    names: Record<string, string> | null;
    created_at: string;
    is_deleted: boolean;
  } | null;
};

/** A direct conversation `c` without a title of its own is called by the others in it. */
export const TITLE = `
CASE WHEN c.kind = 'direct' AND c.title = '' THEN coalesce((
  SELECT string_agg(${nameOf('u')}, ', ' ORDER BY ${nameOf('u')})
  FROM public.conversation_participants o JOIN auth.users u ON u.id = o.user_id
  WHERE o.conversation_id = c.id AND o.user_id <> me.id), '')
ELSE c.title END`;

/** Shown as "99+" or so: counting further would take longer the less somebody reads. */
const MOST_MENTIONS = 100;
const MOST_OTHERS = 3;

const MENTIONS = `(
  SELECT count(*) FROM (
    SELECT 1 FROM parley.notifications n
    WHERE n.user_id = me.id AND n.conversation_id = c.id AND n.read_at IS NULL AND n.kind = 'mention'
    LIMIT ${MOST_MENTIONS}
  ) unread
)`;

const OTHERS = `CASE WHEN c.kind = 'direct' THEN (
  SELECT json_agg(json_build_object('id', other.id, 'name', other.name) ORDER BY other.name, other.id)
  FROM (
    SELECT u.id, ${nameOf('u')} AS name
    FROM public.conversation_participants o JOIN auth.users u ON u.id = o.user_id
    WHERE o.conversation_id = c.id AND o.user_id <> me.id
    ORDER BY name, u.id LIMIT ${MOST_OTHERS}
  ) other
) END`;

const NEWEST_MESSAGE = `CASE WHEN newest.id IS NOT NULL THEN json_build_object(
  'sender_id', newest.sender_id, 'sender_name', ${nameOf('sender')}, 'beginning', ${beginningOf('newest')},
  'names', ${namesIn('newest')}, 'is_deleted', newest.deleted_at IS NOT NULL, 'created_at', newest.created_at) END`;

/** What the asker's list shows of conversations `c`, in which they take part as `p`. Every part of it is an index away. */
const SHOWN = `c.id, c.kind, ${TITLE} AS title, c.topic, c.last_seq, p.last_read_seq, c.version, p.muted, p.role, c.joinable,
  c.member_count, ${MENTIONS} AS mentions, ${OTHERS} AS others, ${NEWEST_MESSAGE} AS newest`;

const NEWEST_OF_EACH = `
LEFT JOIN public.messages newest ON newest.conversation_id = c.id AND newest.seq = c.last_seq
LEFT JOIN auth.users sender ON sender.id = newest.sender_id`;

const LIST = `
WITH ${ME}
SELECT ${SHOWN}
FROM me
LEFT JOIN public.conversation_participants p ON p.user_id = me.id
LEFT JOIN public.conversations c ON c.id = p.conversation_id
${NEWEST_OF_EACH}
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

const ONE = `
WITH ${ME}
SELECT ${SHOWN}
FROM me
LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
  ON p.conversation_id = $2 AND p.user_id = me.id
${NEWEST_OF_EACH}`;

/** One of the asker's as their list shows it. @returns undefined without a valid session, null when it is not theirs. */
export async function readConversation(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
): Promise<ConversationRow | null | undefined> {
  const [row] = await database.query<ConversationRow | { id: null }>(ONE, [tokenHash, conversationId]);
  if (row === undefined) return undefined;
  return row.id === null ? null : row;
}

/** SQL for what `everyone` is known by in parley.direct_conversations, in whichever order they are named. */
export const KEY_OF_EVERYONE =
  "encode(sha256(convert_to((SELECT string_agg(id::text, ',' ORDER BY id) FROM everyone), 'UTF8')), 'hex')";

/** Nothing is created unless everybody named is known. Their sockets hear of it, and are in it, from the moment at which it is there. */
const CREATE = `
WITH ${ME_HERE},
members AS (
  SELECT u.id, ${nameOf('u')} AS name FROM auth.users u WHERE u.id = ANY ($5::uuid[]) AND ${isHere('u')}
  ORDER BY u.id FOR KEY SHARE
),
others AS (SELECT members.id, members.name FROM members, me WHERE members.id <> me.id),
created AS (
  INSERT INTO public.conversations (kind, title, topic, created_by, joinable)
  SELECT $2, $3, $4, me.id, $6 FROM me WHERE (SELECT count(*) FROM members) = cardinality($5::uuid[])
  RETURNING id, kind, title, topic, last_seq, version, joinable
),
everyone AS (SELECT id FROM members UNION SELECT id FROM me),
joined AS (
  INSERT INTO public.conversation_participants (conversation_id, user_id, role)
  SELECT created.id, everyone.id, CASE WHEN everyone.id = me.id THEN 'owner' ELSE 'member' END
  FROM created, me, everyone
),
claimed AS (
  INSERT INTO parley.direct_conversations (people, conversation_id)
  SELECT ${KEY_OF_EVERYONE}, created.id
  FROM created WHERE created.kind = 'direct' AND created.title = ''
),
told AS (
  SELECT ${bringIn("json_agg('u:' || part.id)", 'created.id')}
  FROM created, (SELECT id, (row_number() OVER () - 1) / ${ROOMS_AT_ONCE} AS number FROM everyone) part
  GROUP BY created.id, part.number
)
SELECT (SELECT count(*) FROM told) AS told, c.id, c.kind,
  CASE WHEN c.kind = 'direct' AND c.title = '' THEN coalesce((SELECT string_agg(name, ', ' ORDER BY name) FROM others), '')
    ELSE c.title END AS title,
  c.topic, c.last_seq, 0::bigint AS last_read_seq, c.version, false AS muted, 'owner' AS role, c.joinable,
  1 + (SELECT count(*) FROM others) AS member_count, 0 AS mentions,
  CASE WHEN c.kind = 'direct' THEN (
    SELECT json_agg(json_build_object('id', o.id, 'name', o.name) ORDER BY o.name, o.id)
    FROM (SELECT id, name FROM others ORDER BY name, id LIMIT ${MOST_OTHERS}) o
  ) END AS others,
  NULL AS newest, ARRAY(SELECT id::text FROM members) AS known
FROM me LEFT JOIN created c ON true`;

export type NewConversation = {
  kind: 'channel' | 'direct';
  title: string;
  topic: string;
  joinable: boolean;
  /** Each once; the asker is a member in any case. */
  memberIds: string[];
};

export type CreatedConversation =
  | { outcome: 'created'; conversation: ConversationRow }
  | { outcome: 'unknown_members'; unknown: string[] };

/** @returns undefined without a valid session. */
export async function createConversation(
  database: Database,
  tokenHash: Buffer,
  { kind, title, topic, joinable, memberIds }: NewConversation,
): Promise<CreatedConversation | undefined> {
  type Row = (ConversationRow | { id: null }) & { known: string[] };
  const [row] = await database.query<Row>(CREATE, [tokenHash, kind, title, topic, memberIds, joinable]);
  if (row === undefined) return undefined;
  if (row.id === null) {
    return { outcome: 'unknown_members', unknown: memberIds.filter((id) => !row.known.includes(id)) };
  }
  return { outcome: 'created', conversation: row };
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
