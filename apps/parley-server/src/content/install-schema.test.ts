import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { installSchema } from './install-schema.ts';
import { connectToFreshDatabase } from './testing/stored-content.ts';

test('what Parley wrote before it had threads and counted members is counted when it is installed anew', async () => {
  const { client } = await connectToFreshDatabase();
  await client.query(await readFile(new URL('../../sql/batch-1.sql', import.meta.url), 'utf8'));
  await client.query(`
    INSERT INTO auth.users (email) VALUES ('ada@parley.example'), ('ben@parley.example');
    INSERT INTO public.conversations (kind, title, last_seq, version) VALUES ('channel', 'general', 5, 6), ('channel', 'empty', 0, 0);
    INSERT INTO public.conversation_participants (conversation_id, user_id)
    SELECT c.id, u.id FROM public.conversations c, auth.users u WHERE c.title = 'general';
    INSERT INTO public.messages (conversation_id, seq, sender_id, body)
    SELECT c.id, seq, u.id, 'message' FROM public.conversations c, auth.users u, generate_series(1, 5) seq
    WHERE c.title = 'general' AND u.email = CASE seq WHEN 3 THEN 'ben@parley.example' ELSE 'ada@parley.example' END;
    UPDATE public.messages SET thread_id = (SELECT id FROM public.messages WHERE seq = 1) WHERE seq IN (2, 3, 4);
    UPDATE public.messages SET deleted_at = now() WHERE seq = 4`);
  for (let time = 0; time < 2; time += 1) {
    await installSchema(client);
    const { rows: messages } = await client.query(
      `SELECT seq::int, reply_count, array(
         SELECT split_part(email, '@', 1) FROM unnest(repliers) WITH ORDINALITY r (id, place) JOIN auth.users USING (id) ORDER BY place
       ) AS repliers FROM public.messages WHERE last_reply_at IS NOT NULL`,
    );
    expect(messages).toEqual([{ seq: 1, reply_count: 2, repliers: ['ben', 'ada'] }]);
    const { rows: rooms } = await client.query(
      'SELECT title, member_count FROM public.conversations ORDER BY title',
    );
    expect(rooms).toEqual([
      { title: 'empty', member_count: 0 },
      { title: 'general', member_count: 2 },
    ]);
  }
});

test('installing again waits for nobody who reads', async () => {
  const { client, url } = await connectToFreshDatabase();
  await installSchema(client);
  const reader = new pg.Client({ connectionString: url });
  await reader.connect();
  onTestFinished(async () => await reader.end());
  await reader.query('BEGIN');
  const { rows } = await reader.query<{ table: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS table FROM pg_tables WHERE schemaname IN ('public', 'parley', 'auth')`,
  );
  expect(rows.length).toBeGreaterThan(8);
  for (const { table } of rows) await reader.query(`LOCK TABLE ${table} IN ACCESS SHARE MODE`);
  await installSchema(client);
  await reader.query('ROLLBACK');
});
