import type { Database } from '../database.ts';
import { foundRows } from './found-rows.ts';
import { isHere, ME, ME_HERE, nameOf } from './fragments.ts';
import { bringIn, takeOut, tellOfConversation } from './move-sockets.ts';
import { hasWord, isActive, plain } from './people.ts';

export type MemberRow = {
  id: string;
  name: string;
  title: string;
  role: 'owner' | 'member';
  last_read_seq: number;
  is_active: boolean;
};

/** By name, and by id among those of one name: a page begins after the last of the one before. */
const LIST = `
WITH ${ME},
access AS (
  SELECT me.id AS me, mine.conversation_id
  FROM me LEFT JOIN public.conversation_participants mine ON mine.conversation_id = $2 AND mine.user_id = me.id
),
named AS MATERIALIZED (
  SELECT u.id, ${nameOf('u')} AS name, m.role, m.last_read_seq
  FROM access a
  JOIN public.conversation_participants m ON m.conversation_id = a.conversation_id
  JOIN auth.users u ON u.id = m.user_id
),
page AS (
  SELECT id, name, role, last_read_seq FROM named
  WHERE (name, id::text) > ($3, $4) AND ($5 = '' OR (${hasWord('name', '$5')}))
  ORDER BY name, id::text
  LIMIT $6
)
SELECT a.conversation_id IS NOT NULL AS member, page.id, page.name, page.role, page.last_read_seq,
  coalesce(p.title, '') AS title, ${isActive('page.id')} AS is_active
FROM access a LEFT JOIN page ON true LEFT JOIN parley.profiles p ON p.user_id = page.id
ORDER BY page.name, page.id::text`;

/** After this name, and this id among those who share it. */
export type MemberCursor = { name: string; id: string };

/** @returns undefined without a valid session; null for somebody who is not a member. */
export async function listMembers(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  { after, words, limit }: { after: MemberCursor; words: string; limit: number },
): Promise<MemberRow[] | null | undefined> {
  type Row = (MemberRow | { id: null }) & { member: boolean };
  const values = [tokenHash, conversationId, after.name, after.id, words, limit];
  const rows = await database.query<Row>(LIST, values);
  if (rows[0] === undefined) return undefined;
  if (!rows[0].member) return null;
  return rows.filter((row): row is Row & MemberRow => row.id !== null);
}

/** Those who came in or left by this, of whom there are a hundred at most: see routes/member-routes.ts. */
const rooms = (moved: string): string => `(SELECT json_agg('u:' || user_id) FROM ${moved})`;
const cameIn = `CASE WHEN EXISTS (SELECT 1 FROM added) THEN ${bringIn(rooms('added'), '$2')} END AS told`;
const wentOut = `CASE WHEN EXISTS (SELECT 1 FROM removed) THEN ${takeOut(rooms('removed'), '$2')} END AS told`;

/**
 * Members of a channel bring others in; whoever is in it already stays as they are. New ones have read what there was. Their rows
 * are locked against a removal under way.
 */
const ADD = `
WITH ${ME},
access AS (
  SELECT me.id AS me, c.id, c.kind, c.last_seq
  FROM me LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
    ON p.conversation_id = $2 AND p.user_id = me.id
),
added AS (
  INSERT INTO public.conversation_participants (conversation_id, user_id, last_read_seq)
  SELECT a.id, u.id, a.last_seq FROM access a JOIN auth.users u ON u.id = ANY ($3::uuid[]) AND ${isHere('u')}
  WHERE a.kind = 'channel'
  ORDER BY u.id
  FOR KEY SHARE OF u
  ON CONFLICT DO NOTHING
  RETURNING user_id
)
SELECT a.id IS NOT NULL AS member, a.kind, ARRAY(SELECT user_id::text FROM added) AS moved,
  ${cameIn}
FROM access a`;

const JOIN = `
WITH ${ME_HERE},
access AS (SELECT me.id AS me, c.id, c.last_seq FROM me LEFT JOIN public.conversations c
  ON c.id = $2 AND c.kind = 'channel' AND c.joinable),
added AS (
  INSERT INTO public.conversation_participants (conversation_id, user_id, last_read_seq)
  SELECT a.id, a.me, a.last_seq FROM access a WHERE a.id IS NOT NULL
  ON CONFLICT DO NOTHING
  RETURNING user_id
)
SELECT a.id IS NOT NULL AS member, 'channel' AS kind, ARRAY(SELECT user_id::text FROM added) AS moved,
  ${cameIn}
FROM access a`;

/** Oneself, or, for an owner, anybody. Nobody leaves a direct conversation: the others would talk to somebody who is gone. */
const REMOVE = `
WITH ${ME},
access AS (
  SELECT me.id AS me, c.id, c.kind, p.role
  FROM me LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
    ON p.conversation_id = $2 AND p.user_id = me.id
),
removed AS (
  DELETE FROM public.conversation_participants p USING access a
  WHERE p.conversation_id = a.id AND p.user_id = $3 AND a.kind = 'channel' AND (a.me = $3 OR a.role = 'owner')
  RETURNING p.user_id
)
SELECT a.id IS NOT NULL AS member, a.kind, a.role, a.me = $3 AS self, ARRAY(SELECT user_id::text FROM removed) AS moved,
  ${wentOut}
FROM access a`;

export type Moved = {
  member: boolean;
  kind: 'channel' | 'direct' | null;
  /** Who came, or went. */
  moved: string[];
};

export async function addMembers(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  userIds: string[],
): Promise<Moved | undefined> {
  const [row] = await database.query<Moved>(ADD, [tokenHash, conversationId, userIds]);
  return row;
}

export async function joinChannel(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
): Promise<Moved | undefined> {
  const [row] = await database.query<Moved>(JOIN, [tokenHash, conversationId]);
  return row;
}

export async function removeMember(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  userId: string,
): Promise<(Moved & { role: 'owner' | 'member' | null; self: boolean }) | undefined> {
  type Row = Moved & { role: 'owner' | 'member' | null; self: boolean };
  const [row] = await database.query<Row>(REMOVE, [tokenHash, conversationId, userId]);
  return row;
}

/** Everybody in it is told, by the room that they are all in. */
const RENAME = `
WITH ${ME},
access AS (
  SELECT me.id AS me, c.id, c.kind
  FROM me LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
    ON p.conversation_id = $2 AND p.user_id = me.id
),
changed AS (
  UPDATE public.conversations c SET title = coalesce($3, c.title), topic = coalesce($4, c.topic)
  FROM access a WHERE c.id = a.id AND a.kind = 'channel'
  RETURNING c.id
)
SELECT a.id IS NOT NULL AS member, a.kind, ARRAY(SELECT id::text FROM changed) AS moved,
  (SELECT ${tellOfConversation(`json_build_array('c:' || id)`, 'id')} FROM changed) AS told
FROM access a`;

export async function renameChannel(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  { title, topic }: { title: string | null; topic: string | null },
): Promise<Moved | undefined> {
  const [row] = await database.query<Moved>(RENAME, [tokenHash, conversationId, title, topic]);
  return row;
}

const CHANNELS = `
WITH ${ME}
SELECT c.id, c.title, c.topic, c.member_count, mine.user_id IS NOT NULL AS is_member
FROM me
LEFT JOIN public.conversations c
  ON c.kind = 'channel' AND c.joinable AND ($2 = '' OR position(${plain('$2')} IN ${plain('c.title')}) > 0)
LEFT JOIN public.conversation_participants mine ON mine.conversation_id = c.id AND mine.user_id = me.id
ORDER BY c.member_count DESC, c.title, c.id
LIMIT 200`;

export type ChannelRow = {
  id: string;
  title: string;
  topic: string;
  member_count: number;
  is_member: boolean;
};

/** @returns undefined without a valid session. */
export async function listChannels(
  database: Database,
  tokenHash: Buffer,
  words: string,
): Promise<ChannelRow[] | undefined> {
  return foundRows<ChannelRow>(await database.query(CHANNELS, [tokenHash, words]));
}
