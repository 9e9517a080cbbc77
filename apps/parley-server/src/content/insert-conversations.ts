import type { ClientBase } from 'pg';
import { chunksOf } from './content-rows.ts';
import type { ConversationRow } from './content-rows.ts';
import { isHere } from '../queries/fragments.ts';
import { inTransaction } from '../in-transaction.ts';

const INSERT_CONVERSATIONS = `
  INSERT INTO public.conversations (id, kind, title, topic, created_by, created_at)
  SELECT row.id, row.kind, row.title, row.topic, row.created_by, to_timestamp(row.created_at)
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::float8[])
    AS row (id, kind, title, topic, created_by, created_at)
  ON CONFLICT (id) DO NOTHING`;

const INSERT_MEMBERS = `
  INSERT INTO public.conversation_participants (conversation_id, user_id, role, joined_at)
  SELECT member.conversation_id, member.user_id, CASE WHEN member.user_id = c.created_by THEN 'owner' ELSE 'member' END,
         c.created_at
  FROM unnest($1::uuid[], $2::uuid[]) AS member (conversation_id, user_id)
  JOIN public.conversations c ON c.id = member.conversation_id
  JOIN auth.users u ON u.id = member.user_id AND (c.kind = 'direct' OR ${isHere('u')})
  ON CONFLICT DO NOTHING`;

const ROWS_PER_STATEMENT = 5_000;

/** Stores conversations with their members where they are missing. Returns how many conversations are new. */
export async function insertConversations(
  client: ClientBase,
  rows: readonly ConversationRow[],
): Promise<number> {
  return await inTransaction(client, async () => {
    let inserted = 0;
    // In one order for everybody: two imports that know the same ones must not wait for each other in a circle.
    const ordered = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const chunk of chunksOf(ordered, ROWS_PER_STATEMENT)) {
      const result = await client.query(INSERT_CONVERSATIONS, [
        chunk.map((row) => row.id),
        chunk.map((row) => row.kind),
        chunk.map((row) => row.title),
        chunk.map((row) => row.topic),
        chunk.map((row) => row.createdBy),
        chunk.map((row) => row.createdAtSeconds),
      ]);
      inserted += result.rowCount ?? 0;
    }
    for (const chunk of chunksOf(membershipsOf(ordered), ROWS_PER_STATEMENT)) {
      await client.query(INSERT_MEMBERS, [chunk.map(([id]) => id), chunk.map(([, userId]) => userId)]);
    }
    return inserted;
  });
}

/** Pairs of a conversation's id and a member's. One after another: there may be a million. */
function* membershipsOf(rows: readonly ConversationRow[]): Generator<readonly [string, string]> {
  for (const { id, memberIds } of rows) {
    for (const userId of [...new Set(memberIds)].toSorted()) yield [id, userId];
  }
}
