import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { expectSoundNumbers, messagesIn } from '../testing/stored-content.ts';
import { type RawEntry, writeRawZip } from '../testing/raw-zip.ts';
import { CHANNELS, type Contents, said, ts, USERS, writeZip } from '../testing/slack-fixture.ts';
import type { ImportSummary } from '../import-summary.ts';
import { installSchema } from '../install-schema.ts';
import { EXPORT_LIMITS, type ExportLimits } from './export-limits.ts';
import { importSlackExport } from './import-slack-export.ts';
import { readDirectory } from './read-directory.ts';
import { readChannel } from './slack-directory.ts';
import { LONGEST_MESSAGE } from './slack-message.ts';
import { openSlackZip } from './slack-zip.ts';

vi.setConfig({ testTimeout: 120_000 });
const numRuns = Number(process.env['CROSSFADE_FUZZ_RUNS'] ?? 20);

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.directUrl });
  await client.connect();
  await installSchema(client);
});
beforeEach(async () => await startOver());
afterAll(async () => {
  await client.end();
  await database.drop();
});

const BASE: Contents = { 'users.json': USERS, 'channels.json': CHANNELS };
const raw = (contents: Contents): RawEntry[] =>
  Object.entries(contents).map(([name, content]) => ({ name, content: JSON.stringify(content) }));

async function zipOf(contents: Contents, edit?: (bytes: Buffer) => Buffer): Promise<string> {
  const { file, remove } = await writeZip(contents, edit);
  onTestFinished(remove);
  return file;
}
async function rawZipOf(entries: readonly RawEntry[]): Promise<string> {
  const { file, remove } = await writeRawZip(entries);
  onTestFinished(remove);
  return file;
}
const bodies = async (title = 'general'): Promise<string[]> =>
  (await messagesIn(client, title)).map(({ body }) => body);

async function startOver(): Promise<void> {
  await client.query('TRUNCATE messages, conversation_participants, conversations, auth.users CASCADE');
}

/** People are what an import stores first, and everything else refers to them. */
async function hasPeople(): Promise<boolean> {
  const { rows } = await client.query('SELECT 1 FROM auth.users LIMIT 1');
  return rows.length > 0;
}

describe('what is no export is refused before anything is stored', () => {
  const DAY = { 'general/2020-09-01.json': [said(0, 'hello')] };
  const LARGEST = 64 * 1024 ** 2;
  test.each<[string, RawEntry[], RegExp]>([
    ['nothing in it', [], /has no users\.json/],
    ['no people', raw({ 'channels.json': CHANNELS, ...DAY }), /has no users\.json at its top/],
    ['no channels', raw({ 'users.json': USERS, ...DAY }), /has no channels\.json at its top/],
    [
      'all of it in a folder',
      raw({ 'mine/users.json': USERS, 'mine/channels.json': CHANNELS }),
      /at its top/,
    ],
    ['people that are null', raw({ ...BASE, 'users.json': null }), /users\.json is null; expected a list/],
    ['broken people', [{ name: 'users.json', content: '[{' }], /users\.json cannot be read/],
    ['people in UTF-16', [{ name: 'users.json', content: Buffer.from('\ufeff[]', 'utf16le') }], /in UTF-16/],
    ['a password', [{ name: 'users.json', content: '[]', flags: 1 }], /users\.json is encrypted/],
    [
      'a compression of its own',
      [{ name: 'users.json', content: '[]', method: 99 }],
      /users\.json.*method: 99/,
    ],
    [
      'a size that is a lie',
      [{ name: 'users.json', content: `[${' '.repeat(500)}]`, size: 2 }],
      /too many bytes/,
    ],
    [
      'a size that is a lie the other way',
      [{ name: 'users.json', content: '[]', size: 200 }],
      /not enough bytes/,
    ],
    [
      'more than fits into memory',
      [{ name: 'users.json', content: '[]', size: LARGEST + 1 }],
      /users\.json unpacks to 67108865 bytes; expected at most 67108864/,
    ],
    [
      'a bomb of many small ones',
      Array.from({ length: 9 }, (_, index) => ({ name: `${index}.json`, content: '[]', size: LARGEST })),
      /it unpacks from \d\d to 603979776 bytes; expected at most 100 times as many/,
    ],
    [
      'entries that share their bytes',
      [
        { name: 'users.json', content: JSON.stringify(Array.from({ length: 99 }, (_, id) => ({ id }))) },
        ...Array.from({ length: 50 }, (_, index) => ({
          name: `general/2020-01-${index}.json`,
          content: JSON.stringify(Array.from({ length: 99 }, (_each, id) => ({ id }))),
          overlapsFirst: true,
        })),
      ],
      /its entries overlap/,
    ],
  ])('%s', async (_what, entries, message) => {
    const file = await rawZipOf(entries);
    await expect(importSlackExport({ file, client })).rejects.toThrow(message);
    await expect(importSlackExport({ file, client })).rejects.toThrow(file);
    expect(await hasPeople()).toBe(false);
  });

  test('a folder, a device, a pipe, or nothing at all', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'parley-no-zip-'));
    onTestFinished(async () => await rm(folder, { recursive: true }));
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const [file, message] of [
      [folder, 'it is a folder'],
      ['/dev/zero', 'it is no regular file'],
      [pipe, 'it is no regular file'],
      [path.join(folder, 'missing.zip'), 'ENOENT'],
    ] as const) {
      await expect(importSlackExport({ file, client })).rejects.toThrow(
        new RegExp(`${file} cannot be read as a zip file: .*${message}`),
      );
    }
    expect(await hasPeople()).toBe(false);
  });

  test('a zip that was cut off or changed anywhere is refused, or keeps what it can', async () => {
    const contents = { ...BASE, ...DAY, 'general/2020-09-02.json': [said(1, 'more')] };
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), async (where, cut) => {
        await startOver();
        const { file, remove } = await writeZip(contents, (bytes) => {
          const at = Math.floor(where * (bytes.length - 1));
          if (cut) return bytes.subarray(0, at);
          bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
          return bytes;
        });
        const outcome = await importSlackExport({ file, client }).then(
          ({ inserted }) => ({ inserted, refusal: '' }),
          (error: unknown) => ({ inserted: 0, refusal: String(error) }),
        );
        await remove();
        const isRefused = outcome.refusal !== '';
        expect(outcome.refusal).toContain(isRefused ? file : '');
        expect(await hasPeople()).toBe(!isRefused);
        expect(await bodies()).toHaveLength(outcome.inserted);
        await expectSoundNumbers(client);
      }),
      { numRuns },
    );
  });
});

describe('more than any workspace has is refused before anything is stored', () => {
  const one = { id: 'C1', name: 'one', members: ['U1', 'U2', 'U1', 'U404', 7] };
  const two = { id: 'C2', name: 'two', members: ['U2'] };
  test.each<[string, Contents, Partial<ExportLimits>, string]>([
    [
      'people',
      { 'users.json': USERS, 'channels.json': [] },
      { people: 1 },
      'users.json cannot be read: Error: it has 2 records; expected at most 1',
    ],
    [
      'conversations in one file',
      { 'users.json': USERS, 'channels.json': [one, two] },
      { conversations: 1 },
      'channels.json cannot be read: Error: it has 2 records; expected at most 1',
    ],
    [
      'conversations in all files together',
      { 'users.json': USERS, 'channels.json': [one], 'groups.json': [two] },
      { conversations: 1 },
      'groups.json: record 0: up to here there are 2 conversations; expected at most 1',
    ],
    [
      'members',
      { 'users.json': USERS, 'channels.json': [one], 'dms.json': [two] },
      { memberships: 2 },
      'dms.json: record 0: up to here there are 3 members; expected at most 2',
    ],
  ])('%s', async (_what, contents, limits, message) => {
    const file = await zipOf(contents);
    const start = async (most: ExportLimits): Promise<ImportSummary> =>
      await importSlackExport({ file, client, limits: most });
    await expect(start({ ...EXPORT_LIMITS, ...limits })).rejects.toThrow(`${file}: ${message}`);
    expect(await hasPeople()).toBe(false);
    const oneMore = Object.fromEntries(Object.entries(limits).map(([what, most]) => [what, most + 1]));
    expect(await start({ ...EXPORT_LIMITS, ...oneMore })).toMatchObject({ notes: [] });
  });
});

describe('an import that is asked to stop', () => {
  test('does so in the middle of the people or the conversations of an export', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ id: `X${index}`, name: `x${index}` }));
    for (const contents of [
      { 'users.json': many, 'channels.json': [] },
      { 'users.json': [], 'channels.json': many },
    ]) {
      const zip = await openSlackZip(await zipOf(contents));
      const stop = new AbortController();
      setImmediate(() => stop.abort(new Error('asked to stop')));
      const reading = readDirectory(zip, 'export.zip', () => {}, { signal: stop.signal });
      await expect(reading).rejects.toThrow('asked to stop');
      zip.close();
    }
  });

  test('does so in the middle of a day of which nothing is stored', async () => {
    const odd = Array.from({ length: 20_000 }, () => ({}));
    const file = await zipOf({ ...BASE, 'general/2020-09-01.json': odd });
    const stop = new AbortController();
    const looks = vi.spyOn(stop.signal, 'throwIfAborted');
    await importSlackExport({ file, client, signal: stop.signal });
    const looksUntilDay = 10;
    expect(looks.mock.calls.length).toBeGreaterThan(looksUntilDay);
    const ask = (): void => {
      if (looks.mock.calls.length >= looksUntilDay) throw new Error('asked to stop');
    };
    looks.mockClear().mockImplementation(ask);
    await expect(importSlackExport({ file, client, signal: stop.signal })).rejects.toThrow('asked to stop');
  });

  test('does so before the next conversation, also of those that have no days', async () => {
    const channels = ['one', 'two', 'three'].map((name) => ({ id: `C${name}`, name }));
    const file = await zipOf({ 'users.json': USERS, 'channels.json': channels });
    const stop = new AbortController();
    const lines: string[] = [];
    const onProgress = (line: string): void => {
      lines.push(line);
      if (line.startsWith('one:')) stop.abort(new Error('asked to stop'));
    };
    const importing = importSlackExport({ file, client, onProgress, signal: stop.signal });
    await expect(importing).rejects.toThrow('asked to stop');
    expect(lines.at(-1)).toBe('one: 0 messages, 0 new');
  });
});

test('a member is looked up among the known people, and counts once', () => {
  const record = { id: 'C1', name: 'one', creator: 'U1', members: ['U1', 'U1', 'U404', null, 'U1'] };
  const known = new Map([['U1', { id: 'the id of U1' }]]);
  expect(readChannel(record, 'channels.json', known)?.row).toMatchObject({
    createdBy: 'the id of U1',
    memberIds: new Set(['the id of U1']),
  });
});

describe('names of entries', () => {
  const evil = [
    '../evil.json',
    '/etc/evil.json',
    'C:/evil.json',
    '..\\evil.json',
    'a/../../evil.json',
    'nul\0.json',
  ];
  test('that lead anywhere are left out, and said without harm to who reads it', async () => {
    const file = await rawZipOf([
      ...raw({
        'users.json': USERS,
        'channels.json': [...CHANNELS, { id: 'C9', name: '\u001b[31mred\u202E' }],
        'general/2020-09-01.json': [said(0, 'kept')],
      }),
      ...evil.map((name) => ({ name, content: '[]' })),
      { name: `${'n'.repeat(60_000)}/2020-09-01.json`, content: '[]' },
      { name: '\u001b[2J\u202Egeneral\n/2020-09-01.json', content: '[]' },
    ]);
    const lines: string[] = [];
    const summary = await importSlackExport({ file, client, onProgress: (line) => lines.push(line) });
    expect(summary.inserted).toBe(1);
    expect(summary.notes).toHaveLength(evil.length + 2);
    expect(summary.notes.filter((note) => note.includes('its name is unsafe'))).toHaveLength(evil.length + 1);
    for (const line of [...lines, ...summary.notes]) expect(line).not.toMatch(/[\p{Cc}\u202E]/u);
  });

  test('that come twice count once', async () => {
    const day = 'general/2020-09-01.json';
    const file = await rawZipOf([
      ...raw({ ...BASE, [day]: [said(0, 'the first')] }),
      ...raw({ [day]: [said(1, 'another')] }),
    ]);
    const { notes } = await importSlackExport({ file, client });
    expect(notes).toEqual([`left out another ${day}: the zip has this name more than once`]);
    expect(await bodies()).toEqual(['the first']);
  });

  test('that some systems take apart still belong to their conversation', async () => {
    const file = await zipOf({
      'users.json': USERS,
      'channels.json': [
        { id: 'C1', name: 'caf\u00e9' },
        { id: 'C2', name: 'cafe\u0301' },
      ],
      'cafe\u0301/2020-09-01.json': [said(0, 'bonjour')],
    });
    const { notes } = await importSlackExport({ file, client });
    expect(await bodies('caf\u00e9')).toEqual(['bonjour']);
    expect(notes).toEqual([expect.stringContaining('belongs to another conversation')]);
  });
});

test('a conversation that is listed twice has the messages of both its folders, once each', async () => {
  const file = await zipOf({
    'users.json': USERS,
    'channels.json': [
      { id: 'C1', name: 'old', members: ['U1'] },
      { id: 'C1', name: 'new', members: ['U2'] },
    ],
    'groups.json': [{ id: 'G1', name: 'mpdm-u1--u2-1', members: ['U1', 'U2'] }],
    'mpims.json': [{ id: 'G1', name: 'mpdm-u1--u2-1', members: ['U1', 'U2'] }],
    'new/2020-09-01.json': [said(3, 'last'), said(1, 'also there')],
    'old/2020-09-01.json': [said(0, 'first'), said(1, 'also there'), said(2, 'answer', { thread_ts: ts(1) })],
    'mpdm-u1--u2-1/2020-09-01.json': [said(4, 'among us')],
  });
  const summary = await importSlackExport({ file, client });
  expect(summary).toMatchObject({
    conversations: 2,
    messages: 6,
    inserted: 5,
    skipped: { repeated_ts: 1 },
    notes: ['channels.json: record 1 lists C1 again: the folder new belongs to it as well'],
  });
  expect(await bodies('new')).toEqual(['first', 'also there', 'answer', 'last']);
  const { rows } = await client.query<{ kind: string; members: number }>(
    `SELECT kind, count(*)::int AS members FROM conversations c
     JOIN conversation_participants p ON p.conversation_id = c.id GROUP BY c.id ORDER BY kind`,
  );
  expect(rows).toEqual([
    { kind: 'channel', members: 2 },
    { kind: 'direct', members: 2 },
  ]);
  await expectSoundNumbers(client);
});

describe('days', () => {
  test('that cannot be read are left out, each with its reason; the others are kept', async () => {
    const file = await rawZipOf([
      ...raw({ ...BASE, 'general/2020-09-01.json': [said(0, 'kept')], 'general/2020-09-02.json': null }),
      { name: 'general/2020-09-03.json', content: '[{"ts":"1600000100.000000", "text": "broken' },
      { name: 'general/2020-09-04.json', content: Buffer.from('["Grüße"]', 'latin1') },
      { name: 'general/2020-09-05.json', content: Buffer.from('["Grüße"]', 'utf16le') },
      { name: 'general/2020-09-06.json', content: `\ufeff${JSON.stringify([said(6, 'with a mark')])}` },
      { name: 'general/2020-09-07.json', content: '[]', method: 97 },
      { name: 'general/2020-09-08.json', content: '[]', crc: 1 },
      { name: 'general/2020-09-09.json', content: JSON.stringify([said(9, 'kept too')]) },
      { name: 'general/2020-09-10.json', content: '[0,1,2,"x",null,[],{}]' },
      { name: 'general/2020-09-11.json', content: '['.repeat(100_000) },
    ]);
    const { notes, skipped, inserted } = await importSlackExport({ file, client });
    expect(await bodies()).toEqual(['kept', 'with a mark', 'kept too']);
    expect(inserted).toBe(3);
    expect(skipped).toEqual({ not_an_object: 6, missing_ts: 1 });
    const reasons = notes.map((note) => /2020-09-(\d\d)\.json: (.*)/.exec(note)?.slice(1));
    expect(reasons).toEqual([
      ['02', 'it is null; expected a list of messages'],
      ['03', expect.stringContaining('JSON')],
      ['04', 'it is not text in UTF-8'],
      ['05', expect.stringContaining('UTF-')],
      ['07', expect.stringContaining('method: 97')],
      ['08', expect.stringContaining('checksum')],
      ['11', expect.stringContaining('JSON')],
    ]);
  });

  test('made to fill the memory are left out', async () => {
    const file = await rawZipOf([
      ...raw({ ...BASE, 'general/2020-09-03.json': [said(3, 'kept')] }),
      { name: 'general/2020-09-01.json', content: `[${'{},'.repeat(500_000)}{}]` },
      { name: 'general/2020-09-02.json', content: `[0,[${'{},'.repeat(250_000)}{}]]` },
    ]);
    const { notes, messages } = await importSlackExport({ file, client });
    expect(notes).toEqual([
      'left out general/2020-09-01.json: it has 500001 records; expected at most 500000',
      'left out general/2020-09-02.json: record 1 has over 250000 values; expected no more',
    ]);
    expect(messages).toBe(1);
    expect(await bodies()).toEqual(['kept']);
  });
});

describe('messages', () => {
  test('of every kind are kept, or counted by the reason why not', async () => {
    const far = String(Math.floor(Date.now() / 1_000) + 200_000);
    const records = [
      said(0, 'kept \u0000 without NUL'),
      said(1, 'half \ud800 of a pair'),
      said(2, '\u202Eturned\u202C and \u200Bhidden'),
      said(3, 'x'.repeat(10 * 1024 ** 2)),
      said(4, 'x'.repeat(LONGEST_MESSAGE)),
      said(5, 'answers nothing that is there', { thread_ts: '1500000000.000000' }),
      said(6, 'answers itself', { thread_ts: ts(6) }),
      said(7, 'edited by nobody', { edited: 'yes' }),
      said(8, 'liked by strangers', { reactions: [{ name: 'x', users: ['U404', 7, null], count: -1 }] }),
      said(9, 'first of two'),
      said(9, 'second of two'),
      said(10, 'a robot', { subtype: 'bot_message', user: undefined, bot_id: 'B1' }),
      said(11, '', { subtype: 'message_deleted', deleted_ts: ts(1) }),
      said(12, 'changed', { subtype: 'message_changed' }),
      said(13, 'odd', { subtype: '__proto__' }),
      said(14, 'negative', { ts: '-5.0' }),
      said(15, 'no number', { ts: 'NaN' }),
      said(16, 'a number', { ts: 1_600_000_000 }),
      said(17, 'far ahead', { ts: `${far}.000000` }),
      said(18, 'endless', { ts: '1'.repeat(400) }),
      said(19, 'by an object', { user: { id: 'U1' } }),
      said(20, ['a', 'list'] as unknown as string),
    ];
    const file = await zipOf({ ...BASE, 'general/2020-09-01.json': records });
    const summary = await importSlackExport({ file, client });
    const stored = await messagesIn(client, 'general');
    expect(stored.map(({ body }) => body.slice(0, 30))).toEqual([
      'kept  without NUL',
      'half \ufffd of a pair',
      '\u202Eturned\u202C and \u200Bhidden',
      'x'.repeat(30),
      'answers nothing that is there',
      'answers itself',
      'edited by nobody',
      'liked by strangers',
      'first of two',
    ]);
    expect(stored.every(({ thread, edited_at: editedAt }) => thread === null && editedAt === null)).toBe(
      true,
    );
    expect(summary.skipped).toEqual({
      too_long: 1,
      repeated_ts: 1,
      bot_without_user: 1,
      system_message_deleted: 1,
      system_message_changed: 1,
      system___proto__: 1,
      bad_ts: 3,
      missing_ts: 1,
      future_ts: 1,
      without_user: 1,
      empty_text: 1,
    });
    expect(summary.messages).toBe(records.length);
    expect(summary.inserted).toBe(stored.length);
    await expectSoundNumbers(client);
  });

  test('of anything at all never stop an import, and every one is counted', async () => {
    const field = fc.oneof(
      fc.jsonValue({ stringUnit: 'binary', maxDepth: 2 }),
      fc.constantFrom(ts(1), ts(2), 'U1', 'u1'),
    );
    const record = fc.oneof(
      fc.jsonValue({ stringUnit: 'binary', maxDepth: 2 }),
      fc.record(
        { ts: field, user: field, text: field, subtype: field, thread_ts: field, edited: field },
        { requiredKeys: ['ts', 'user', 'text'] },
      ),
      fc.nat(50).map((index) => said(index, `message ${index}`)),
    );
    const person = fc.oneof(
      field,
      fc.record({ id: field, name: field, profile: fc.record({ email: field }) }),
    );
    const listing = fc.record({
      id: fc.constantFrom('C1', 'C2', 'D1'),
      name: fc.constantFrom('general', 'renamed', 'mpdm-u1--u2-1'),
      members: fc.constantFrom([], ['U1'], ['U2', 'U404']),
    });
    const channel = fc.oneof(
      field,
      fc.record({ id: field, name: field, members: field, topic: field }),
      listing,
      listing,
    );
    const channels = fc.array(channel, { maxLength: 4 });
    const day = fc.array(record, { maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ general: day, renamed: day, 'mpdm-u1--u2-1': day, D1: day }),
        fc.array(person, { maxLength: 5 }),
        fc.record({ channels, groups: channels, mpims: channels, dms: channels }),
        async (days, people, lists) => {
          // A conversation that is there already goes on after its last message, whatever the times say.
          await startOver();
          const { file, remove } = await writeZip({
            'users.json': [...USERS, ...people],
            'channels.json': [...CHANNELS, ...lists.channels],
            'groups.json': lists.groups,
            'mpims.json': lists.mpims,
            'dms.json': lists.dms,
            ...Object.fromEntries(
              Object.entries(days).map(([folder, records]) => [`${folder}/2020-09-01.json`, records]),
            ),
          });
          const lines: string[] = [];
          const onProgress = (line: string): void => void lines.push(line);
          const summary = await importSlackExport({ file, client, onProgress, messagesPerBatch: 7 });
          const skipped = Object.values(summary.skipped).reduce((sum, count) => sum + count, 0);
          // Of each folder, all is looked at, or it is said that it was left out.
          const lookedAt = Object.entries(days)
            .filter(([folder]) => !lines.some((line) => line.startsWith(`left out the folder ${folder} (`)))
            .reduce((sum, [, records]) => sum + records.length, 0);
          expect(summary.messages).toBe(lookedAt);
          expect(summary.inserted + summary.alreadyThere + skipped).toBe(lookedAt);
          const again = await importSlackExport({ file, client });
          expect(again).toMatchObject({ inserted: 0, skipped: summary.skipped });
          await expectSoundNumbers(client);
          await remove();
        },
      ),
      { numRuns },
    );
  });
});

test('an export of nothing but garbage is told of within bounds', async () => {
  const odd = Array.from({ length: 3_000 }, (_, index) => {
    const subtype = Array.from(String(index), (digit) => 'abcdefghij'.charAt(Number(digit))).join('');
    return said(index, 'odd', { subtype });
  });
  const file = await zipOf({
    'users.json': [...USERS, ...Array.from({ length: 3_000 }, () => null)],
    'channels.json': CHANNELS,
    'general/2020-09-01.json': odd,
  });
  let lines = 0;
  const summary = await importSlackExport({ file, client, onProgress: () => (lines += 1) });
  expect(lines).toBeLessThan(1_010);
  expect(summary.notes).toHaveLength(21);
  expect(summary.notes.at(-1)).toBe('and 2980 more notes');
  expect(Object.keys(summary.skipped)).toHaveLength(101);
  expect(summary.skipped['other']).toBe(2_900);
});

describe('people', () => {
  test('who claim the address of others are kept, without one where none is left', async () => {
    const file = await zipOf({
      ...BASE,
      'users.json': [
        { id: 'U1', name: 'a', profile: { email: 'u2@slack.parley.example' } },
        { id: 'u2', name: 'b', profile: { email: 'same@example.com' } },
        { id: 'U2', name: 'c', profile: { email: 'SAME@example.com' } },
        { id: 'U3', name: '\u200B\u202E', profile: { email: 'x\u0000@example.com' } },
        { id: 'U3', name: 'again' },
      ],
    });
    await importSlackExport({ file, client });
    const { rows } = await client.query<{ name: string; email: string | null }>(
      "SELECT raw_user_meta_data ->> 'name' AS name, email FROM auth.users ORDER BY 1",
    );
    expect(rows.map(({ name }) => name)).toEqual(['a', 'again', 'b', 'c']);
    const emails = rows.map(({ email }) => email).filter((email) => email !== null);
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails).toContain('same@example.com');
  });

  test('of two exports that overlap are stored by two imports at once', async () => {
    const people = Array.from({ length: 400 }, (_, index) => ({ id: `U${index}`, name: `n${index}` }));
    const files = [
      await zipOf({ 'users.json': people, 'channels.json': CHANNELS }),
      await zipOf({ 'users.json': people.toReversed(), 'channels.json': CHANNELS }),
    ];
    const other = new pg.Client({ connectionString: database.directUrl });
    await other.connect();
    for (let round = 0; round < 5; round += 1) {
      await startOver();
      const imports = [client, other].map(
        async (connection, index) =>
          await importSlackExport({ file: files[index] ?? '', client: connection }),
      );
      await Promise.all(imports);
      const { rows } = await client.query<{ people: string }>('SELECT count(*) AS people FROM auth.users');
      expect(rows).toEqual([{ people: '400' }]);
    }
    await other.end();
  });
});
