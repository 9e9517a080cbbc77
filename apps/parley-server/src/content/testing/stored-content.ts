import { createTestDatabase } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import { expect, onTestFinished } from 'vitest';

/** A connection to a fresh database; both are gone after the test. */
export async function connectToFreshDatabase(): Promise<{ client: pg.Client; url: string }> {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await database.drop();
  });
  return { client, url: database.url };
}

export type StoredMessage = {
  seq: number;
  body: string;
  external_id: string;
  thread: string | null;
  sender: string;
  created_at: Date;
  edited_at: Date | null;
};

/** The messages of one conversation by its title, with the external id of what they answer. */
export async function messagesIn(client: pg.Client, title: string): Promise<StoredMessage[]> {
  const result = await client.query<StoredMessage>(
    `SELECT m.seq::int, m.body, m.external_id, parent.external_id AS thread, u.raw_user_meta_data ->> 'name' AS sender,
            m.created_at, m.edited_at
     FROM public.messages m
     JOIN public.conversations c ON c.id = m.conversation_id
     JOIN auth.users u ON u.id = m.sender_id
     LEFT JOIN public.messages parent ON parent.id = m.thread_id
     WHERE c.title = $1 ORDER BY m.seq`,
    [title],
  );
  return result.rows;
}

/** In every conversation: numbers 1 to last_seq without gaps, in the order of times, and nothing twice. */
export async function expectSoundNumbers(client: pg.Client): Promise<void> {
  const unsound = await client.query(`
    WITH told AS (
      SELECT m.*, lag(m.created_at) OVER (PARTITION BY m.conversation_id ORDER BY m.seq) AS before FROM public.messages m
    )
    SELECT c.id, c.last_seq, count(told.id), max(told.seq) FROM public.conversations c
    LEFT JOIN told ON told.conversation_id = c.id
    GROUP BY c.id
    HAVING c.last_seq <> count(told.id) OR c.last_seq <> coalesce(max(told.seq), 0) OR c.version < c.last_seq
      OR bool_or(told.before > told.created_at) OR count(DISTINCT told.external_id) <> count(told.id)`);
  expect(unsound.rows).toEqual([]);
}
