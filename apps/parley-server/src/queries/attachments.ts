import type { Database } from '../database.ts';
import { ME } from './fragments.ts';

export type NewAttachment = {
  conversationId: string;
  name: string;
  mediaType: string;
  width: number | null;
  height: number | null;
  data: Buffer;
};

const STORE = `
WITH ${ME},
access AS (
  SELECT me.id AS me, p.conversation_id
  FROM me LEFT JOIN public.conversation_participants p ON p.conversation_id = $2 AND p.user_id = me.id
),
stored AS (
  INSERT INTO parley.attachments (conversation_id, uploader_id, name, media_type, size_bytes, width, height, data)
  SELECT a.conversation_id, a.me, $3, $4, octet_length($7::bytea), $5, $6, $7 FROM access a
  WHERE a.conversation_id IS NOT NULL
  RETURNING id
)
SELECT a.conversation_id IS NOT NULL AS member, (SELECT id FROM stored) AS id FROM access a`;

/** @returns its id; undefined without a valid session, null for who is not a member. */
export async function storeAttachment(
  database: Database,
  tokenHash: Buffer,
  { conversationId, name, mediaType, width, height, data }: NewAttachment,
): Promise<string | null | undefined> {
  const values = [tokenHash, conversationId, name, mediaType, width, height, data];
  const [row] = await database.query<{ member: boolean; id: string | null }>(STORE, values);
  return row === undefined ? undefined : row.id;
}

const READ = `
WITH ${ME}
SELECT f.name, f.media_type, f.data
FROM me LEFT JOIN (
  parley.attachments f JOIN public.conversation_participants p ON p.conversation_id = f.conversation_id
) ON f.id = $2 AND p.user_id = me.id AND (f.message_id IS NOT NULL OR f.uploader_id = me.id)`;

export type StoredFile = { name: string; media_type: string; data: Buffer };

/** @returns undefined without a valid session, null where there is none for whoever asks. */
export async function readAttachment(
  database: Database,
  tokenHash: Buffer,
  id: string,
): Promise<StoredFile | null | undefined> {
  const [row] = await database.query<StoredFile | { name: null }>(READ, [tokenHash, id]);
  if (row === undefined) return undefined;
  return row.name === null ? null : row;
}

const AT_ONCE = 100;

/** Uploaded, and never sent. Two processes take different ones. */
const SWEEP = `
DELETE FROM parley.attachments WHERE id IN (
  SELECT id FROM parley.attachments WHERE message_id IS NULL AND created_at < now() - interval '1 day'
  ORDER BY created_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
) RETURNING id`;

/** In small statements, since a file may be large; however many there are. @returns how many went. */
export async function sweepAttachments(database: Database): Promise<number> {
  let swept = 0;
  for (let last = AT_ONCE; last === AT_ONCE; swept += last) {
    last = (await database.query(SWEEP, [])).length;
  }
  return swept;
}
