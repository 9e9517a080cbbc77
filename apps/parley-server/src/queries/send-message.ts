import { isUniqueViolation } from '../database-errors.ts';
import type { Database } from '../database.ts';
import { mentionedIn } from '../mentions.ts';
import { tellChanged } from './change-statement.ts';
import { ME, messageColumns, mineOf, nameOf, REPLIERS_KEPT } from './fragments.ts';
import type { SeenMessageRow } from './message-row.ts';
import { notifyRoom } from './notify.ts';
import { notifyPeople, TELL_NOTIFIED } from './notify-people.ts';

/** The message at the beginning of the thread, also when it is an answer that is answered. */
const THREAD = `thread AS (
  SELECT coalesce(t.thread_id, t.id) AS id FROM public.messages t WHERE t.id = $5 AND t.conversation_id = $2
)`;

/**
 * The sender's own files of this conversation that hang on no message yet. Locked here, before the conversation: of two
 * messages that bring the same file, the later one does not find it.
 */
const FILES = `files AS MATERIALIZED (
  SELECT f.id, f.name, f.media_type, f.size_bytes, f.width, f.height
  FROM parley.attachments f JOIN me ON me.id = f.uploader_id
  WHERE f.id = ANY ($7::uuid[]) AND f.conversation_id = $2 AND f.message_id IS NULL
  FOR UPDATE OF f
)`;

const FILES_AS_TOLD = `(
  SELECT jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name, 'mediaType', f.media_type, 'sizeBytes', f.size_bytes,
    'width', f.width, 'height', f.height) ORDER BY array_position($7::uuid[], f.id))
  FROM files f
)`;

const ATTACH = `attached AS (
  UPDATE parley.attachments f SET message_id = s.id FROM sent s WHERE f.id IN (SELECT files.id FROM files)
)`;

/** The message at the beginning of the thread changes with its answer: it has the version before the answer's. */
const COUNT_REPLY = `root AS (
  UPDATE public.messages r
  SET version = s.version - 1, reply_count = r.reply_count + 1, last_reply_at = s.created_at,
    repliers = (s.sender_id || coalesce(array_remove(r.repliers, s.sender_id), '{}'))[1:${REPLIERS_KEPT}]
  FROM sent s
  WHERE r.id = s.thread_id
  RETURNING r.id, r.conversation_id, r.seq, r.version, r.sender_id, r.repliers
)`;

const CONCERNED = `
  SELECT unnest($6::uuid[]) AS user_id, 'mention' AS kind
  UNION ALL
  SELECT unnest(r.sender_id || r.repliers), 'reply' FROM root r`;

/**
 * One statement, one round trip. The update of the conversation takes its row's lock, so that numbers are given
 * without gaps and in the order of commits; the time is taken behind that lock, so that it grows with the numbers.
 * @param more whether it answers a message or mentions people: most do neither, and cost less
 * @param files whether it brings files, whatever else it does
 */
const send = ({ more, files }: { more: boolean; files: boolean }): string => `
WITH ${ME},
access AS (
  SELECT me.id AS me, p.conversation_id
  FROM me LEFT JOIN public.conversation_participants p ON p.conversation_id = $2 AND p.user_id = me.id
),
stored AS (
  SELECT ${messageColumns('m')}
  FROM access a JOIN public.messages m ON m.sender_id = a.me AND m.client_id = $3
  WHERE a.conversation_id IS NOT NULL
),
${more ? `${THREAD},\n` : ''}${files ? `${FILES},\n` : ''}fitting AS (
  SELECT ${more ? '$5::uuid IS NULL OR EXISTS (SELECT 1 FROM thread)' : 'true'} AS thread_known,
    ${files ? '(SELECT count(*) FROM files) = cardinality($7::uuid[])' : 'true'} AS files_known
),
numbered AS (
  UPDATE public.conversations c
  SET last_seq = c.last_seq + 1, version = c.version + ${more ? 'CASE WHEN $5::uuid IS NULL THEN 1 ELSE 2 END' : '1'}
  FROM access a, fitting
  WHERE c.id = a.conversation_id AND fitting.thread_known AND fitting.files_known AND NOT EXISTS (SELECT 1 FROM stored)
  RETURNING c.id, c.last_seq, c.version, a.me
),
sent AS (
  INSERT INTO public.messages AS m
    (conversation_id, seq, version, sender_id, thread_id, body, client_id, created_at, attachments)
  SELECT n.id, n.last_seq, n.version, n.me, ${more ? '(SELECT id FROM thread)' : 'NULL'}, $4, $3, clock_timestamp(),
    ${files ? FILES_AS_TOLD : 'NULL'}
  FROM numbered n
  RETURNING ${messageColumns('m')}
),
${files ? `${ATTACH},\n` : ''}${more ? `${[COUNT_REPLY, ...notifyPeople('sent', CONCERNED)].join(',\n')},\n` : ''}read AS (
  UPDATE public.conversation_participants p SET last_read_seq = n.last_seq
  FROM numbered n WHERE p.conversation_id = n.id AND p.user_id = n.me
),
noticed AS (
  UPDATE parley.notifications o SET read_at = now()
  FROM numbered n WHERE o.user_id = n.me AND o.conversation_id = n.id AND o.seq <= n.last_seq AND o.read_at IS NULL
),
answer AS (
  SELECT true AS fresh, ${messageColumns('sent')} FROM sent
  UNION ALL
  SELECT false, ${messageColumns('stored')} FROM stored
)
SELECT a.me, a.conversation_id IS NOT NULL AS member, fitting.thread_known, answer.fresh, ${messageColumns('answer')},
  ${nameOf('u')} AS sender_name, ${mineOf('answer', 'a.me')} AS mine,
  ${more ? `(SELECT ${tellChanged('r')} FROM root r) AS told_root,\n` : ''}CASE WHEN answer.fresh THEN ${notifyRoom(
    'message',
    `'c:' || answer.conversation_id`,
    `json_build_object('conversationId', answer.conversation_id, 'seq', answer.seq, 'id', answer.id,
      'version', answer.version)`,
  )} END AS told${more ? `,\n${TELL_NOTIFIED}` : ''}
FROM access a CROSS JOIN fitting LEFT JOIN answer ON true LEFT JOIN auth.users u ON u.id = a.me`;

const SEND_PLAIN = send({ more: false, files: false });
const SEND_MORE = send({ more: true, files: false });
const SEND_FILES = send({ more: true, files: true });

export type NewMessage = {
  conversationId: string;
  clientId: string;
  body: string;
  threadId: string | null;
  /** Each once. */
  attachmentIds: readonly string[];
};

export type SentMessage =
  /** `fresh`: it was not stored before. */
  | { outcome: 'stored'; fresh: boolean; me: string; message: SeenMessageRow }
  | { outcome: 'not_member' }
  | { outcome: 'unknown_thread' }
  | { outcome: 'unknown_attachments' };

const ATTEMPTS = 3;

/**
 * Idempotent by sender and client id. Two identical sends at the same moment, also through two processes: the later
 * one meets the unique index, is undone as a whole (its number too), and finds the stored message when run again. Or it
 * finds that its files hang on a message, which may be the same: then it looks again as well.
 * @returns undefined without a valid session.
 */
export async function sendMessage(
  database: Database,
  tokenHash: Buffer,
  { conversationId, clientId, body, threadId, attachmentIds }: NewMessage,
): Promise<SentMessage | undefined> {
  type Row = SeenMessageRow & { me: string; member: boolean; thread_known: boolean; fresh: boolean | null };
  const mentioned = mentionedIn(body);
  const plain = [tokenHash, conversationId, clientId, body];
  const more = [...plain, threadId, mentioned];
  const run = async (): Promise<Row[]> => {
    if (attachmentIds.length > 0) return await database.query<Row>(SEND_FILES, [...more, attachmentIds]);
    if (threadId !== null || mentioned.length > 0) return await database.query<Row>(SEND_MORE, more);
    return await database.query<Row>(SEND_PLAIN, plain);
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [row] = await run();
      if (row === undefined) return undefined;
      if (!row.member) return { outcome: 'not_member' };
      if (row.fresh !== null) return { outcome: 'stored', fresh: row.fresh, me: row.me, message: row };
      if (!row.thread_known) return { outcome: 'unknown_thread' };
      if (attempt > 1) return { outcome: 'unknown_attachments' };
    } catch (error) {
      if (!isUniqueViolation(error, 'messages_sender_client_id') || attempt === ATTEMPTS) throw error;
    }
  }
}
