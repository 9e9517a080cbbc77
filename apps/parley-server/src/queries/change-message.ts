import type { Database } from '../database.ts';
import { mentionedIn } from '../mentions.ts';
import {
  type Change,
  type ChangedMessage,
  changeStatement,
  runChange,
  tellChanged,
} from './change-statement.ts';
import { notifyPeople, TELL_NOTIFIED } from './notify-people.ts';

const statement = (change: Change) => ({ who: change.who, sql: changeStatement(change) });

/**
 * The same text again changes nothing: so a client may repeat an edit whose answer it did not get. Whom an edit mentions
 * who was not mentioned before is notified.
 */
const EDIT = statement({
  who: 'sender',
  wanted: 't.body <> $3',
  assignments: 'body = $3, edited_at = clock_timestamp(), edit_version = m.edit_version + 1',
  after: notifyPeople('changed', "SELECT unnest($4::uuid[]) AS user_id, 'mention' AS kind"),
  tell: [TELL_NOTIFIED],
});

/** How far back it is looked for another answer of the person whose answer is deleted. */
const ANSWERS_LOOKED_AT = 200;

/**
 * The message that a deleted one answered counts one answer less. The count is taken from the row behind the lock; who
 * answered last is looked up as the statement found it, so that of two answers deleted at the same moment one may be
 * shown as the last until somebody answers again.
 */
const UNCOUNT_REPLY = `root AS (
  UPDATE public.messages r
  SET version = c.version - 1,
    reply_count = greatest(0, r.reply_count - 1),
    last_reply_at = CASE WHEN r.last_reply_at > c.created_at THEN r.last_reply_at ELSE (
      SELECT o.created_at FROM public.messages o
      WHERE o.thread_id = r.id AND o.id <> c.id AND o.deleted_at IS NULL
      ORDER BY o.seq DESC LIMIT 1
    ) END,
    repliers = CASE WHEN EXISTS (
      SELECT 1 FROM (
        SELECT i.id, i.sender_id, i.deleted_at FROM public.messages i
        WHERE i.thread_id = r.id ORDER BY i.seq DESC LIMIT ${ANSWERS_LOOKED_AT}
      ) o
      WHERE o.sender_id = c.sender_id AND o.id <> c.id AND o.deleted_at IS NULL
    ) THEN r.repliers ELSE nullif(array_remove(r.repliers, c.sender_id), '{}') END
  FROM changed c
  WHERE r.id = c.thread_id
  RETURNING r.id, r.conversation_id, r.seq, r.version
)`;

/**
 * A tombstone: the row and its number stay, or readers would see a gap. What hangs on it goes: nobody is led to it any
 * more, and nothing of it can be read.
 */
const DELETE = statement({
  who: 'sender',
  wanted: 'true',
  versions: 'CASE WHEN t.thread_id IS NULL THEN 1 ELSE 2 END',
  assignments:
    "body = '', deleted_at = clock_timestamp(), reactions = NULL, pinned_at = NULL, attachments = NULL",
  after: [
    UNCOUNT_REPLY,
    'unattached AS (DELETE FROM parley.attachments f USING changed c WHERE f.message_id = c.id)',
    'unnotified AS (DELETE FROM parley.notifications n USING changed c WHERE n.message_id = c.id)',
  ],
  tell: [`(SELECT ${tellChanged('r')} FROM root r) AS told_root`],
});

const PIN = statement({
  who: 'member',
  seen: 'm.pinned_at',
  wanted: 't.pinned_at IS NULL',
  assignments: 'pinned_at = coalesce(m.pinned_at, clock_timestamp())',
});

const UNPIN = statement({
  who: 'member',
  seen: 'm.pinned_at',
  wanted: 't.pinned_at IS NOT NULL',
  assignments: 'pinned_at = NULL',
});

/** @returns undefined without a valid session. */
export async function editMessage(
  database: Database,
  tokenHash: Buffer,
  messageId: string,
  body: string,
): Promise<ChangedMessage | undefined> {
  return await runChange(database, EDIT, [tokenHash, messageId, body, mentionedIn(body)], (row) => {
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

/** Any member may pin, and unpin what others pinned; once more is fine. @returns undefined without a valid session. */
export async function pinMessage(
  database: Database,
  tokenHash: Buffer,
  messageId: string,
  pinned: boolean,
): Promise<ChangedMessage | undefined> {
  return await runChange(database, pinned ? PIN : UNPIN, [tokenHash, messageId], (row) => {
    if (row.deleted_at !== null) return 'deleted';
    return (row.pinned_at !== null) === pinned ? 'done' : 'overtaken';
  });
}
