import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FEATURES } from '../features.ts';
import type { ParleyServer } from '../server.ts';
import { send } from '../testing/client.ts';
import { flawOfAnswer, flawOfRefusal } from '../testing/answer-flaws.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

vi.setConfig({ testTimeout: 120_000 });
const numRuns = Number(process.env['CROSSFADE_FUZZ_RUNS'] ?? 25);

let parley: ParleyFixture;
let app: ParleyServer['app'];
let ana: TestPerson;
let room: string;
let message: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  const server = await parley.startServer({ workspace: { name: 'Parley', signUp: true } });
  app = server.app;
  await app.ready();
  server.flags.publish(Object.values(FEATURES), 100);
  ana = await parley.addPerson('Ana');
  room = await parley.addConversation([ana]);
  message = (await send(app, ana, room, 'hello')).id;
});
afterAll(async () => await parley.close());

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
type Writing = {
  method: Method;
  path: () => string;
  body: Record<string, unknown>;
  /** What a body is answered with that is an object, and holds nothing that is asked for: nothing has to be there. */
  indifferent?: number;
};

const WRITING: Writing[] = [
  { method: 'POST', path: () => '/v1/login', body: { email: 'nobody@parley.example', password: 'x' } },
  {
    method: 'POST',
    path: () => '/v1/conversations',
    body: { kind: 'channel', title: 'x', topic: '', memberIds: [] },
  },
  {
    method: 'POST',
    path: () => `/v1/conversations/${room}/messages`,
    body: { clientId: 'same', body: 'hello', threadId: null },
  },
  { method: 'PUT', path: () => `/v1/conversations/${room}/read`, body: { seq: 1 } },
  { method: 'PUT', path: () => `/v1/conversations/${room}/unread`, body: { seq: 1 } },
  { method: 'PUT', path: () => `/v1/conversations/${room}/mute`, body: { muted: true } },
  { method: 'PUT', path: () => '/v1/notifications/read', body: { upTo: '1' } },
  { method: 'PATCH', path: () => `/v1/messages/${message}`, body: { body: 'hello' } },
  { method: 'PUT', path: () => '/v1/keys', body: { publicKey: Buffer.alloc(32, 7).toString('base64') } },
  {
    method: 'POST',
    path: () => '/v1/timings',
    body: { timings: [{ name: 'search', durationMs: 12.5 }] },
  },
  { method: 'POST', path: () => `/v1/conversations/${room}/agents/recap`, body: {}, indifferent: 200 },
  {
    method: 'POST',
    path: () => '/v1/signup',
    body: { name: 'New', email: 'new@parley.example', password: 'a long password' },
  },
  { method: 'PATCH', path: () => '/v1/me', body: { name: 'Ana', title: 'Pilot' }, indifferent: 204 },
  { method: 'PUT', path: () => '/v1/me/settings', body: { theme: 'dark' } },
  { method: 'PUT', path: () => '/v1/me/password', body: { current: 'not mine', next: 'a long password' } },
  { method: 'POST', path: () => '/v1/presence', body: { ids: [] } },
  {
    method: 'POST',
    path: () => `/v1/conversations/${room}/members`,
    body: { userIds: ['00000000-0000-4000-8000-000000000000'] },
  },
  {
    method: 'PATCH',
    path: () => `/v1/conversations/${room}`,
    body: { title: 'x', topic: 'y' },
    indifferent: 204,
  },
];
const named = WRITING.map((route) => ({
  ...route,
  name: `${route.method} ${route.path.toString().slice(6)}`,
}));

async function ask(method: Method, url: string, payload?: Buffer | string, type = 'application/json') {
  const headers = {
    authorization: ana.authorization.authorization,
    ...(payload === undefined ? {} : { 'content-type': type }),
  };
  const { statusCode, body } = await app.inject({
    method,
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: statusCode, text: body };
}

/** Everything that a request may change. */
async function stored(): Promise<string> {
  const [row] = await parley.sql(`SELECT md5(concat(
    (SELECT string_agg(c::text, ',' ORDER BY id) FROM conversations c),
    (SELECT string_agg(m::text, ',' ORDER BY id) FROM messages m),
    (SELECT string_agg(p::text, ',' ORDER BY conversation_id, user_id) FROM conversation_participants p),
    (SELECT string_agg(s::text, ',' ORDER BY token_hash) FROM parley.sessions s))) AS digest`);
  return String(row?.['digest']);
}

const DEEP = 20_000;
const BODIES: [what: string, payload: Buffer | string, type?: string][] = [
  ['broken JSON', '{"body":'],
  ['not JSON at all', '<xml/>'],
  ['two values', '{} {}'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a number', '1e400'],
  ['deeply nested lists', '['.repeat(DEEP) + ']'.repeat(DEEP)],
  ['deeply nested objects', `${'{"a":'.repeat(DEEP / 2)}1${'}'.repeat(DEEP / 2)}`],
  ['10 MB', `{"body":"${'x'.repeat(10 * 1024 ** 2)}"}`],
  ['a prototype', '{"__proto__":{"kind":"channel","title":"x","body":"x","seq":1}}'],
  ['a constructor', '{"constructor":{"prototype":{"seq":1}}}'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['UTF-16', Buffer.from('{"body":"hello","clientId":"utf16"}', 'utf16le')],
  ['Latin-1', Buffer.from('{"body":"Grüße","clientId":"latin1"}', 'latin1')],
  ['plain text', 'hello', 'text/plain'],
  ['a form', 'body=hello', 'application/x-www-form-urlencoded'],
  ['a multipart form', '--x\r\n\r\nhello\r\n--x--', 'multipart/form-data; boundary=x'],
  ['no type that exists', '{}', 'nonsense'],
];

describe.each(named)('$name', ({ method, path, body, indifferent }) => {
  it.each(BODIES)('refuses %s, and changes nothing', async (what, payload, type) => {
    const before = await stored();
    const { status, text } = await ask(method, path(), payload, type);
    // A body without demands takes whatever is JSON and an object.
    const isTaken = indifferent !== undefined && what === 'deeply nested objects';
    expect(isTaken ? status : flawOfRefusal(status, text)).toBe(isTaken ? indifferent : undefined);
    expect(await stored()).toBe(before);
  });

  it('refuses whatever a field may hold, or takes it, and never fails', async () => {
    const keys = Object.keys(body);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...keys, 'unknown', 'toString'),
        fc.oneof(anyJson, fc.constantFrom(...ODD)),
        async (key, value) => {
          const before = await stored();
          const { status, text } = await ask(method, path(), JSON.stringify({ ...body, [key]: value }));
          expect(flawOfAnswer(status, text)).toBeUndefined();
          const after = await stored();
          expect(status >= 400 ? after : before, `after ${status}`).toBe(before);
        },
      ),
      { numRuns },
    );
  });

  it('refuses whatever is not even close', async () => {
    await fc.assert(
      fc.asyncProperty(anyJson, async (value) => {
        const { status, text } = await ask(method, path(), JSON.stringify(value));
        expect(flawOfAnswer(status, text)).toBeUndefined();
      }),
      { numRuns },
    );
  });
});

const anyJson = fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 });
const ODD: unknown[] = [
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udc00x',
  '‮evil',
  '​',
  '',
  ' ',
  'x'.repeat(20_000),
  -1,
  1.5,
  2 ** 53,
  1e308,
  -0,
  true,
  [],
  {},
  [[]],
  ['00000000-0000-0000-0000-000000000000'],
  Array.from({ length: 2_000 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`),
  "'; DROP TABLE messages; --",
  '$1',
  '%00',
  '../../etc/passwd',
];

const PLACES = [
  (id: string) => `/v1/conversations/${id}/messages`,
  (id: string) => `/v1/conversations/${room}/messages?before=${id}`,
  (id: string) => `/v1/conversations/${room}/messages?after=${id}`,
  (id: string) => `/v1/conversations/${room}/messages?around=${id}`,
  (id: string) => `/v1/conversations/${room}/messages?limit=${id}`,
  (id: string) => `/v1/conversations/${room}/changes?since=${id}`,
  (id: string) => `/v1/conversations/${id}/pins`,
  (id: string) => `/v1/messages/${id}/thread`,
  (id: string) => `/v1/messages/${id}/reactions`,
  (id: string) => `/v1/messages/${message}/thread?before=${id}`,
  (id: string) => `/v1/notifications?before=${id}`,
  (id: string) => `/v1/search?q=hello&limit=${id}`,
  (id: string) => `/v1/search?q=${id}`,
  (id: string) => `/v1/people?q=${id}`,
  (id: string) => `/v1/people?ids=${id}`,
  (id: string) => `/v1/channels?q=${id}`,
  (id: string) => `/v1/conversations/${room}/members?q=${id}`,
  (id: string) => `/v1/conversations/${room}/members?after=${id}`,
  (id: string) => `/v1/conversations/${id}/members`,
  (id: string) => `/${id}`,
  (id: string) => `/v1/${id}`,
];
const ODD_PARTS = [
  '',
  '%00',
  '%zz',
  '%',
  '%ff%fe',
  '%ed%a0%80',
  '..%2f..%2fetc%2fpasswd',
  '../../../etc/passwd',
  '-1',
  '1.5',
  '1e400',
  'NaN',
  'Infinity',
  '0x10',
  '9'.repeat(15),
  '9'.repeat(400),
  'x'.repeat(5_000),
  '1&before=2&before=3',
  '1&limit=5&limit=6',
  '1&after=1&around=2',
  '[]=1',
  '__proto__[x]=1&__proto__=1',
  encodeURIComponent('"; DROP TABLE messages'),
  encodeURIComponent('before:9999-12-31 after:0001-01-01 from:"'),
  encodeURIComponent('& | ! ( ) <-> :* \\'),
  encodeURIComponent('"'.repeat(499)),
  encodeURIComponent('(a|'.repeat(160)),
  encodeURIComponent('-'.repeat(500)),
  encodeURIComponent('😀'.repeat(200)),
];

describe('addresses', () => {
  it.each(ODD_PARTS)('%j is refused or understood, wherever it stands', async (part) => {
    for (const place of PLACES) {
      const { status, text } = await ask('GET', place(part));
      expect(flawOfAnswer(status, text), place(part)).toBeUndefined();
    }
  });

  it('made of anything at all are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PLACES),
        fc.string({ unit: 'binary', maxLength: 40 }),
        async (place, part) => {
          const { status, text } = await ask('GET', place(encodeURIComponent(part.toWellFormed())));
          expect(flawOfAnswer(status, text)).toBeUndefined();
        },
      ),
      { numRuns: numRuns * 4 },
    );
  });

  it.each(['OPTIONS', 'PUT', 'DELETE', 'PATCH'] as const)(
    '%s is refused where it is not meant',
    async (method) => {
      const { status, text } = await ask(method, '/v1/search?q=hello');
      expect(flawOfRefusal(status, text)).toBeUndefined();
    },
  );

  it('HEAD is answered as GET is, without a body', async () => {
    expect(await ask('HEAD', '/v1/search?q=hello')).toEqual({ status: 200, text: '' });
  });
});

describe('tokens', () => {
  const good = 'A'.repeat(43);
  it.each([
    '',
    'Bearer',
    `Bearer ${good}`,
    `Bearer  ${good}`,
    `bearer ${good}, Bearer ${good}`,
    `Bearer ${good}=`,
    `Bearer ${'A'.repeat(8_000)}`,
    'Bearer \u00ff\u00fe',
    'Bearer null',
    'Bearer __proto__',
    'Negotiate x',
  ])('%j is nobody’s', async (authorization) => {
    const answer = await app.inject({ url: '/v1/me', headers: { authorization } });
    expect(answer.statusCode).toBe(401);
    expect(flawOfRefusal(answer.statusCode, answer.body)).toBeUndefined();
  });
});

it('is none the worse for all of it', async () => {
  expect((await ask('GET', '/v1/me')).status).toBe(200);
  const sent = await send(app, ana, room, 'still here');
  expect(sent.body).toBe('still here');
});
