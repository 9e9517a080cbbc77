import type { ClientBase } from 'pg';
import { isHere, REPLIERS_KEPT } from '../queries/fragments.ts';
import type { MessageRow } from './content-rows.ts';
import { inTransaction } from '../in-transaction.ts';

/** How many messages one transaction stores: it holds the conversation's lock, for which live senders wait. */
export const MESSAGES_PER_BATCH = 2_000;

// A statement of its own: the next one must see what a writer before us committed while we waited for the lock.
const LOCK_CONVERSATION = 'SELECT last_seq, version FROM public.conversations WHERE id = $1 FOR UPDATE';

const INSERT_SENDERS = `
  INSERT INTO public.conversation_participants (conversation_id, user_id, joined_at)
  SELECT $1, sender.id, to_timestamp(min(sender.created_at))
  FROM unnest($2::uuid[], $3::float8[]) AS sender (id, created_at)
  JOIN auth.users u ON u.id = sender.id AND ${isHere('u')}
  GROUP BY sender.id
  ON CONFLICT DO NOTHING`;

// Numbers and versions go to the missing messages only, in the order given, so that none is skipped.
const INSERT_MISSING = `
  WITH incoming AS (
    SELECT * FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::float8[], $10::float8[])
      WITH ORDINALITY
      AS row (id, sender_id, external_id, thread_external_id, thread_in_batch, body, created_at, edited_at, place)
  ), missing AS (
    SELECT incoming.*, row_number() OVER (ORDER BY incoming.place) AS number
    FROM incoming
    WHERE NOT EXISTS (SELECT FROM public.messages stored WHERE stored.external_id = incoming.external_id)
  )
  INSERT INTO public.messages
    (id, conversation_id, seq, version, sender_id, thread_id, body, external_id, created_at, edited_at, edit_version)
  SELECT missing.id, $1, $2::bigint + missing.number, $11::bigint + missing.number, missing.sender_id, coalesce(parent.id, missing.thread_in_batch),
         missing.body, missing.external_id, to_timestamp(missing.created_at), to_timestamp(missing.edited_at),
         CASE WHEN missing.edited_at IS NULL THEN 0 ELSE 1 END
  FROM missing
  LEFT JOIN public.messages parent
    ON parent.external_id = missing.thread_external_id AND parent.conversation_id = $1
  ORDER BY missing.number`;

// The messages that those after $2 answer. One that was there before has changed by that: it gets the version $3.
const COUNT_REPLIES = `
  WITH by_person AS (
    SELECT m.thread_id, m.sender_id, count(*) AS answers, max(m.created_at) AS newest, max(m.seq) AS last_seq
    FROM public.messages m
    WHERE m.conversation_id = $1 AND m.seq > $2 AND m.thread_id IS NOT NULL
    GROUP BY m.thread_id, m.sender_id
  ), thread AS (
    SELECT thread_id, sum(answers) AS answers, max(newest) AS newest,
           array_agg(sender_id ORDER BY last_seq DESC) AS repliers
    FROM by_person GROUP BY thread_id
  )
  UPDATE public.messages root
  SET reply_count = root.reply_count + thread.answers,
      last_reply_at = greatest(root.last_reply_at, thread.newest),
      repliers = (thread.repliers || ARRAY(
        SELECT before FROM unnest(root.repliers) WITH ORDINALITY AS known (before, place)
        WHERE before <> ALL (thread.repliers) ORDER BY place))[1:${REPLIERS_KEPT}],
      version = CASE WHEN root.seq > $2 THEN root.version ELSE $3 END
  FROM thread WHERE root.id = thread.thread_id
  RETURNING root.seq`;

const COUNT_UP =
  'UPDATE public.conversations SET last_seq = last_seq + $2, version = version + $3 WHERE id = $1';

/**
 * Stores the messages of one batch that are not stored yet, in one transaction, in the order given.
 * The conversation's numbers stay without gaps, also while people write in it. Returns how many were new.
 */
export async function insertMessages(
  client: ClientBase,
  conversationId: string,
  rows: readonly MessageRow[],
): Promise<number> {
  const batch = firstOfEach(rows);
  return await inTransaction(client, async () => {
    const locked = await client.query<{ last_seq: string; version: string }>(LOCK_CONVERSATION, [
      conversationId,
    ]);
    const [stands] = locked.rows;
    if (stands === undefined) throw new Error(`conversation ${conversationId} is gone: import it again`);
    const { last_seq: lastSeq, version } = stands;
    const senderIds = batch.map((row) => row.senderId);
    const createdAt = batch.map((row) => row.createdAtSeconds);
    await client.query(INSERT_SENDERS, [conversationId, senderIds, createdAt]);
    const stored = await client.query(INSERT_MISSING, [
      conversationId,
      lastSeq,
      batch.map((row) => row.id),
      senderIds,
      batch.map((row) => row.externalId),
      batch.map((row) => row.threadExternalId),
      parentsInBatch(batch),
      batch.map((row) => row.body),
      createdAt,
      batch.map((row) => row.editedAtSeconds),
      version,
    ]);
    const inserted = stored.rowCount ?? 0;
    if (inserted === 0) return 0;
    const nextVersion = Number(version) + inserted + 1;
    const answered = await client.query<{ seq: string }>(COUNT_REPLIES, [
      conversationId,
      lastSeq,
      nextVersion,
    ]);
    const olderChanged = answered.rows.some(({ seq }) => Number(seq) <= Number(lastSeq));
    await client.query(COUNT_UP, [conversationId, inserted, inserted + (olderChanged ? 1 : 0)]);
    return inserted;
  });
}

function firstOfEach(rows: readonly MessageRow[]): MessageRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => !seen.has(row.externalId) && seen.add(row.externalId));
}

/** A statement does not see the rows it is about to store, so parents in the same batch are looked up here. */
function parentsInBatch(batch: readonly MessageRow[]): (string | null)[] {
  const idOf = new Map(batch.map((row) => [row.externalId, row.id]));
  return batch.map((row) =>
    row.threadExternalId === null ? null : (idOf.get(row.threadExternalId) ?? null),
  );
}
