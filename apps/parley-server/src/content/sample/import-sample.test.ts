import { expect, test } from 'vitest';
import { connectToFreshDatabase, expectSoundNumbers, messagesIn } from '../testing/stored-content.ts';
import { importSample } from './import-sample.ts';

const SIZE = { seed: 7, messages: 2_000, people: 30 };

test('a sample is stored once, however often it is asked for', async () => {
  const { client } = await connectToFreshDatabase();
  expect(await importSample({ ...SIZE, client })).toMatchObject({
    messages: 2_000,
    inserted: 2_000,
    alreadyThere: 0,
    people: 30,
    skipped: {},
  });
  const lunch = await messagesIn(client, 'lunch');
  const nextWeek = Date.now() + 8 * 86_400_000;
  expect(await importSample({ ...SIZE, client, nowMs: nextWeek })).toMatchObject({
    inserted: 0,
    alreadyThere: 2_000,
  });
  expect(await messagesIn(client, 'lunch')).toEqual(lunch);
  await expectSoundNumbers(client);
});

test('a sample that ended between two batches is completed, also a week later', async () => {
  const { client } = await connectToFreshDatabase();
  const nowMs = Date.UTC(2026, 4, 20);
  const stop = new AbortController();
  const onProgress = (line: string): void => {
    if (line.startsWith('deployments')) stop.abort(new Error('enough'));
  };
  const options = { ...SIZE, client, messagesPerBatch: 50 };
  await expect(importSample({ ...options, nowMs, onProgress, signal: stop.signal })).rejects.toThrow(
    'enough',
  );

  const summary = await importSample({ ...options, nowMs: nowMs + 8 * 86_400_000 });
  expect(summary.inserted).toBeGreaterThan(0);
  expect(summary.inserted + summary.alreadyThere).toBe(2_000);
  expect(summary.alreadyThere).toBeGreaterThan(0);
  await expectSoundNumbers(client);
});

test('one seed in two sizes would make no sense, so it is refused; another seed comes beside it', async () => {
  const { client } = await connectToFreshDatabase();
  await importSample({ ...SIZE, messages: 300, client });
  await expect(importSample({ ...SIZE, messages: 400, client })).rejects.toThrow(
    'sample: this database has the sample of seed 7 with 300 messages by 30 people',
  );
  expect(await importSample({ ...SIZE, seed: 8, messages: 400, client })).toMatchObject({ inserted: 400 });
});

test('people have read most, but not all, and never less than they wrote', async () => {
  const { client } = await connectToFreshDatabase();
  await importSample({ ...SIZE, client });
  const marks = await client.query<{ unread: number; read: number; written: number | null }>(`
    SELECT (c.last_seq - p.last_read_seq)::int AS unread, p.last_read_seq::int AS read,
           (SELECT max(seq)::int FROM public.messages m
            WHERE m.conversation_id = c.id AND m.sender_id = p.user_id) AS written
    FROM public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id`);
  expect(marks.rows.filter(({ unread }) => unread < 0)).toEqual([]);
  expect(marks.rows.filter(({ read, written }) => read < (written ?? 0))).toEqual([]);
  const withUnread = marks.rows.filter(({ unread }) => unread > 0).length;
  expect(withUnread).toBeGreaterThan(0);
  expect(withUnread).toBeLessThan(marks.rows.length / 2);
});
