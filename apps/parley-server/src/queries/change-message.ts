import type { Database } from '../database.ts';
import { ME, messageColumns, nameOf } from './fragments.ts';
import type { MessageRow } from './message-row.ts';
import { notifyRoom } from './notify.ts';

/** The conversation's row is locked before the message's, in the same order as a send does it. */
const change = (condition: string, assignments: string): string => `
WITH ${ME},
target AS (
  SELECT me.id AS me, m.id, m.conversation_id, m.sender_id = me.id AS own, m.deleted_at, m.body
  FROM me
  LEFT JOIN (public.messages m JOIN public.conversation_participants p ON p.conversation_id = m.conversation_id)
    ON m.id = $2 AND p.user_id = me.id
),
bumped AS (
  UPDATE public.conversations c SET version = c.version + 1
  FROM target t
  WHERE c.id = t.conversation_id AND t.own AND t.deleted_at IS NULL AND ${condition}
  RETURNING c.id, c.version
),
changed AS (
  UPDATE public.messages m SET ${assignments}
  FROM bumped b
  WHERE m.id = $2 AND m.conversation_id = b.id AND m.deleted_at IS NULL
  RETURNING ${messageColumns('m')}, b.version
),
answer AS (
  SELECT true AS changed, ${messageColumns('c')}, c.version FROM changed c
  UNION ALL
  SELECT false, ${messageColumns('m')}, 0 FROM target t JOIN public.messages m ON m.id = t.id
  WHERE NOT EXISTS (SELECT 1 FROM changed)
)
SELECT t.me, t.id IS NOT NULL AS found, t.own, a.changed, ${messageColumns('a')}, ${nameOf('u')} AS sender_name,
  CASE WHEN a.changed THEN ${notifyRoom(
    'changed',
    `'c:' || a.conversation_id`,
    `json_build_object('conversationId', a.conversation_id, 'seq', a.seq, 'id', a.id, 'version', a.version)`,
  )} END AS told
FROM target t LEFT JOIN answer a ON true LEFT JOIN auth.users u ON u.id = a.sender_id`;

/** The same text again changes nothing: so a client may repeat an edit whose answer it did not get. */
const EDIT = change(
  't.body <> $3',
  'body = $3, edited_at = clock_timestamp(), edit_version = m.edit_version + 1',
);

/** A tombstone: the row and its number stay, or readers would see a gap. */
const DELETE = change('true', "body = '', deleted_at = clock_timestamp()");

export type ChangedMessage =
  | { outcome: 'done'; me: string; message: MessageRow }
  | { outcome: 'not_found' | 'not_own' | 'deleted' };

/** @returns undefined without a valid session. */
export async function editMessage(
  database: Database,
  tokenHash: Buffer,
  messageId: string,
  body: string,
): Promise<ChangedMessage | undefined> {
  return await runChange(database, EDIT, [tokenHash, messageId, body], (row) => {
    if (row.deleted_at !== null) return 'deleted';
    return row.changed || row.body === body ? 'done' : 'overtaken';
  });
}

/** Deleting what is deleted is fine. @returns undefined without a valid session. */
export async function deleteMessage(
  database: Database,
  tokenHash: Buffer,
  messageId: string,
): Promise<ChangedMessage | undefined> {
  return await runChange(database, DELETE, [tokenHash, messageId], (row) =>
    row.changed || row.deleted_at !== null ? 'done' : 'overtaken',
  );
}

type Row = MessageRow & { me: string; found: boolean; own: boolean | null; changed: boolean };

const ATTEMPTS = 4;

/** Another change that committed while this one waited for the row may have overtaken it: then it looks again. */
async function runChange(
  database: Database,
  sql: string,
  values: unknown[],
  judge: (row: Row) => 'done' | 'deleted' | 'overtaken',
): Promise<ChangedMessage | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const [row] = await database.query<Row>(sql, values);
    if (row === undefined) return undefined;
    if (!row.found) return { outcome: 'not_found' };
    if (row.own !== true) return { outcome: 'not_own' };
    const verdict = judge(row);
    if (verdict === 'deleted') return { outcome: 'deleted' };
    if (verdict === 'done') return { outcome: 'done', me: row.me, message: row };
  }
  throw new Error(`a message was changed by others ${ATTEMPTS} times in a row while one change waited`);
}
