import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { connectToFreshDatabase, expectSoundNumbers, messagesIn } from '../testing/stored-content.ts';
import { CHANNELS, said, talkativeExport, ts, USERS, writeZip } from '../testing/slack-fixture.ts';
import type { Contents } from '../testing/slack-fixture.ts';
import { importSlackExport } from './import-slack-export.ts';

async function exportOf(contents: Contents): Promise<string> {
  const { file, remove } = await writeZip(contents);
  onTestFinished(remove);
  return file;
}

test('people, channels, messages, threads and edits arrive; a second import adds nothing', async () => {
  const { client } = await connectToFreshDatabase();
  const file = await exportOf({
    'users.json': USERS,
    'channels.json': CHANNELS,
    // Within a file, and a thread over two days.
    'general/2020-09-02.json': [said(7, 'late answer', { thread_ts: ts(0) }), said(8, 'bye')],
    'general/2020-09-01.json': [
      said(1, 'hi <@U1> &amp; all', { edited: { user: 'U2', ts: ts(60) } }),
      said(0, 'good morning', { thread_ts: ts(0), reply_count: 2 }),
      said(2, 'early answer', { thread_ts: ts(0) }),
    ],
  });

  const first = await importSlackExport({ file, client });
  expect(first).toMatchObject({
    messages: 5,
    inserted: 5,
    alreadyThere: 0,
    people: 2,
    conversations: 1,
    skipped: {},
    notes: [],
  });
  const stored = await messagesIn(client, 'general');
  expect(stored.map((message) => [message.seq, message.sender, message.body, message.thread])).toEqual([
    [1, 'Ada', 'good morning', null],
    [2, 'Ben Ruiz', 'hi @Ada & all', null],
    [3, 'Ada', 'early answer', `slack:C1:${ts(0)}`],
    [4, 'Ben Ruiz', 'late answer', `slack:C1:${ts(0)}`],
    [5, 'Ada', 'bye', null],
  ]);
  expect(stored[0]?.created_at).toEqual(new Date(1_600_000_100_000));
  expect(stored[1]?.edited_at).toEqual(new Date(1_600_000_160_000));

  expect(await importSlackExport({ file, client })).toMatchObject({
    messages: 5,
    inserted: 0,
    alreadyThere: 5,
  });
  expect(await messagesIn(client, 'general')).toEqual(stored);
  await expectSoundNumbers(client);
});

test('an import that ended between two batches is completed by the next one', async () => {
  const { client } = await connectToFreshDatabase();
  const file = await exportOf(talkativeExport(100));
  const stop = new AbortController();
  let batches = 0;
  const onProgress = (line: string): void => {
    if (line.includes('so far') && (batches += 1) === 3) stop.abort(new Error('enough'));
  };
  const options = { file, client, messagesPerBatch: 7 };
  await expect(importSlackExport({ ...options, onProgress, signal: stop.signal })).rejects.toThrow('enough');
  expect(await messagesIn(client, 'general')).toHaveLength(21);

  expect(await importSlackExport({ ...options })).toMatchObject({ inserted: 79, alreadyThere: 21 });
  const stored = await messagesIn(client, 'general');
  expect(stored.map((message) => message.body)).toEqual(
    Array.from({ length: 100 }, (_, at) => `message ${at}`),
  );
  expect(stored.filter((message) => message.thread !== null)).toHaveLength(20);
  await expectSoundNumbers(client);
});

test('two imports of one export at the same time store it once', async () => {
  const { client, url } = await connectToFreshDatabase();
  const file = await exportOf(talkativeExport(100));
  await importSlackExport({ file: await exportOf(talkativeExport(1)), client });
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  const imports = [client, other].map((connection) =>
    importSlackExport({ file, client: connection, messagesPerBatch: 9 }),
  );
  const summaries = await Promise.all(imports);
  await other.end();
  expect(summaries.map((summary) => summary.inserted).reduce((a, b) => a + b)).toBe(99);
  await expectSoundNumbers(client);
});

test('new messages of a later export continue after what people wrote meanwhile', async () => {
  const { client } = await connectToFreshDatabase();
  await importSlackExport({ file: await exportOf(talkativeExport(10)), client });
  await client.query(`
    WITH c AS (UPDATE public.conversations SET last_seq = last_seq + 1, version = version + 1 RETURNING id, last_seq)
    INSERT INTO public.messages (conversation_id, seq, sender_id, body)
    SELECT c.id, c.last_seq, (SELECT id FROM auth.users LIMIT 1), 'written in Parley' FROM c`);
  expect(await importSlackExport({ file: await exportOf(talkativeExport(12)), client })).toMatchObject({
    inserted: 2,
    alreadyThere: 10,
  });
  const stored = await messagesIn(client, 'general');
  expect(stored.slice(9).map((message) => [message.seq, message.body])).toEqual([
    [10, 'message 9'],
    [11, 'written in Parley'],
    [12, 'message 10'],
    [13, 'message 11'],
  ]);
});

test('what cannot be kept is counted by reason, files are named, the rest goes on', async () => {
  const { client } = await connectToFreshDatabase();
  const file = await exportOf({
    'users.json': [...USERS, { name: 'without id' }],
    'channels.json': CHANNELS,
    'general/2020-09-01.json': [
      said(0, 'kept'),
      said(1, 'joined', { subtype: 'channel_join' }),
      said(2, ''),
      said(3, 'gone', { subtype: 'tombstone' }),
      said(4, 'from a stranger', { user: 'U77' }),
      said(0, 'kept'),
    ],
    'general/2020-09-02.json': '[{"ts": "16000',
    'general/2020-09-03.json': { not: 'a list' },
    'general/2020-09-04.json': [said(9, 'kept too')],
    'general/canvas.json': [said(10, 'not a day')],
    'elsewhere/2020-09-01.json': [said(11, 'not a channel')],
  });
  const summary = await importSlackExport({ file, client });
  expect(summary).toMatchObject({
    messages: 7,
    inserted: 3,
    alreadyThere: 0,
    people: 3,
    skipped: { system_channel_join: 1, empty_text: 1, deleted: 1, repeated_ts: 1 },
  });
  expect(summary.notes).toEqual([
    'users.json: left out record 2: it has no usable id',
    'left out the folder elsewhere (1 days): no conversation has it',
    expect.stringContaining('left out general/2020-09-02.json: '),
    'left out general/2020-09-03.json: it is object; expected a list of messages',
    'made a placeholder for "U77", who is not in users.json',
  ]);
  const stored = await messagesIn(client, 'general');
  expect(stored.map((message) => [message.sender, message.body])).toEqual([
    ['Ada', 'kept'],
    ['U77', 'from a stranger'],
    ['Ben Ruiz', 'kept too'],
  ]);
});

test('direct conversations and private channels come along; who wrote or is a member takes part', async () => {
  const { client } = await connectToFreshDatabase();
  const file = await exportOf({
    'users.json': USERS,
    'channels.json': [],
    'groups.json': [{ id: 'G1', name: 'secret', creator: 'U1', members: ['U1'] }],
    'dms.json': [{ id: 'D1', members: ['U1', 'U2', 'U404'] }],
    'secret/2020-09-01.json': [said(1, 'psst')],
    'D1/2020-09-01.json': [said(0, 'hi')],
  });
  await importSlackExport({ file, client });
  const participants = await client.query(`
    SELECT c.kind, c.title, u.raw_user_meta_data ->> 'name' AS name, p.role, p.last_read_seq::int AS read
    FROM public.conversation_participants p
    JOIN public.conversations c ON c.id = p.conversation_id JOIN auth.users u ON u.id = p.user_id
    ORDER BY 1, 3`);
  expect(participants.rows).toEqual([
    { kind: 'channel', title: 'secret', name: 'Ada', role: 'owner', read: 1 },
    { kind: 'channel', title: 'secret', name: 'Ben Ruiz', role: 'member', read: 1 },
    { kind: 'direct', title: '', name: 'Ada', role: 'member', read: 1 },
    { kind: 'direct', title: '', name: 'Ben Ruiz', role: 'member', read: 1 },
  ]);
});

test('an e-mail address that somebody else has is not taken from them', async () => {
  const { client } = await connectToFreshDatabase();
  await importSlackExport({ file: await exportOf(talkativeExport(1)), client });
  const users = [...USERS, { id: 'U3', name: 'other ada', profile: { email: 'ada@example.com' } }];
  await importSlackExport({ file: await exportOf({ ...talkativeExport(1), 'users.json': users }), client });
  const emails = await client.query('SELECT email FROM auth.users ORDER BY email');
  expect(emails.rows.map((row: { email: string }) => row.email)).toEqual([
    'ada@example.com',
    'u2@slack.parley.example',
    'u3@slack.parley.example',
  ]);
});

test.each([
  [{ 'channels.json': CHANNELS }, 'is not a Slack export: it has no users.json at its top'],
  [{ 'users.json': USERS }, 'is not a Slack export: it has no channels.json at its top'],
  [{ 'users.json': '[{', 'channels.json': CHANNELS }, 'users.json cannot be read'],
  [{ 'users.json': { a: 1 }, 'channels.json': CHANNELS }, 'users.json is object; expected a list'],
])('a zip that is no export is refused before anything is stored: %#', async (contents, message) => {
  const { client } = await connectToFreshDatabase();
  await expect(importSlackExport({ file: await exportOf(contents), client })).rejects.toThrow(message);
  const tables = await client.query(`SELECT FROM pg_namespace WHERE nspname = 'parley'`);
  expect(tables.rowCount).toBe(0);
});
