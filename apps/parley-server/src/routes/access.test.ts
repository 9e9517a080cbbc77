import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEATURES } from '../features.ts';
import type { Message } from '../queries/message-row.ts';
import type { ParleyServer } from '../server.ts';
import { type Call, call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let server: ParleyServer;
let member: TestPerson;
let outsider: TestPerson;
let room: string;
let message: Message;

beforeAll(async () => {
  parley = await createParleyFixture();
  const started = await parley.startServer();
  await started.app.ready();
  started.flags.publish(Object.values(FEATURES), 100);
  server = started;
  member = await parley.addPerson('Member');
  outsider = await parley.addPerson('Outsider');
  room = await parley.addConversation([member], 'confidential');
  message = await send(server.app, member, room, 'a secret word: xylophone');
});
afterAll(async () => await parley.close());

type ErrorAnswer = { error: { code: string } };
type Case = { name: string; url: () => string; request: Omit<Call, 'as'> };

const PARTY = encodeURIComponent('🎉');

/** Every route that names a conversation or a message. */
const PRIVATE: Case[] = [
  { name: 'read', url: () => `/v1/conversations/${room}/messages`, request: {} },
  { name: 'read a cached page', url: () => `/v1/conversations/${room}/messages?limit=10`, request: {} },
  { name: 'read before', url: () => `/v1/conversations/${room}/messages?before=5`, request: {} },
  { name: 'read after', url: () => `/v1/conversations/${room}/messages?after=0`, request: {} },
  { name: 'read around', url: () => `/v1/conversations/${room}/messages?around=1`, request: {} },
  {
    name: 'send',
    url: () => `/v1/conversations/${room}/messages`,
    request: { method: 'POST', body: { clientId: 'intruder', body: 'hello' } },
  },
  {
    name: 'mark read',
    url: () => `/v1/conversations/${room}/read`,
    request: { method: 'PUT', body: { seq: 1 } },
  },
  {
    name: 'edit',
    url: () => `/v1/messages/${message.id}`,
    request: { method: 'PATCH', body: { body: 'changed' } },
  },
  {
    name: 'ask an agent',
    url: () => `/v1/conversations/${room}/agents/recap`,
    request: { method: 'POST', body: {} },
  },
  {
    name: 'mark unread',
    url: () => `/v1/conversations/${room}/unread`,
    request: { method: 'PUT', body: { seq: 1 } },
  },
  {
    name: 'mute',
    url: () => `/v1/conversations/${room}/mute`,
    request: { method: 'PUT', body: { muted: false } },
  },
  { name: 'read what changed', url: () => `/v1/conversations/${room}/changes?since=0`, request: {} },
  { name: 'read the pins', url: () => `/v1/conversations/${room}/pins`, request: {} },
  { name: 'read a thread', url: () => `/v1/messages/${message.id}/thread`, request: {} },
  { name: 'pin', url: () => `/v1/messages/${message.id}/pin`, request: { method: 'PUT' } },
  { name: 'unpin', url: () => `/v1/messages/${message.id}/pin`, request: { method: 'DELETE' } },
  { name: 'react', url: () => `/v1/messages/${message.id}/reactions/${PARTY}`, request: { method: 'PUT' } },
  { name: 'see who reacted', url: () => `/v1/messages/${message.id}/reactions`, request: {} },
  {
    name: 'take a reaction back',
    url: () => `/v1/messages/${message.id}/reactions/${PARTY}`,
    request: { method: 'DELETE' },
  },
  { name: 'find in it', url: () => `/v1/search?q=word&conversationId=${room}`, request: {} },
  {
    name: 'send a file',
    url: () => `/v1/conversations/${room}/attachments?name=a.txt`,
    request: { method: 'POST', body: { text: 'a file' } },
  },
  { name: 'list members', url: () => `/v1/conversations/${room}/members`, request: {} },
  {
    name: 'bring somebody in',
    url: () => `/v1/conversations/${room}/members`,
    request: { method: 'POST', body: { userIds: [randomUUID()] } },
  },
  {
    name: 'rename',
    url: () => `/v1/conversations/${room}`,
    request: { method: 'PATCH', body: { topic: 'secret' } },
  },
  // Last: they would succeed for the member.
  { name: 'delete', url: () => `/v1/messages/${message.id}`, request: { method: 'DELETE' } },
  {
    name: 'leave',
    url: () => `/v1/conversations/${room}/members/${member.id}`,
    request: { method: 'DELETE' },
  },
];

/** Every route that needs a session, whatever it names. */
const SIGNED_IN: Case[] = [
  ...PRIVATE,
  { name: 'log out', url: () => '/v1/logout', request: { method: 'POST' } },
  { name: 'me', url: () => '/v1/me', request: {} },
  { name: 'flags', url: () => '/v1/flags', request: {} },
  { name: 'list conversations', url: () => '/v1/conversations', request: {} },
  {
    name: 'create a conversation',
    url: () => '/v1/conversations',
    request: { method: 'POST', body: { kind: 'channel', title: 'new' } },
  },
  { name: 'list notifications', url: () => '/v1/notifications', request: {} },
  {
    name: 'mark notifications read',
    url: () => '/v1/notifications/read',
    request: { method: 'PUT', body: { upTo: '1' } },
  },
  { name: 'search', url: () => '/v1/search?q=xylophone', request: {} },
  {
    name: 'publish a key',
    url: () => '/v1/keys',
    request: { method: 'PUT', body: { publicKey: Buffer.alloc(32, 7).toString('base64') } },
  },
  { name: 'report timings', url: () => '/v1/timings', request: { method: 'POST', body: { timings: [] } } },
  { name: 'list agents', url: () => '/v1/agents', request: {} },
  {
    name: 'change a profile',
    url: () => '/v1/me',
    request: { method: 'PATCH', body: { title: 'Intruder' } },
  },
  { name: 'keep settings', url: () => '/v1/me/settings', request: { method: 'PUT', body: {} } },
  {
    name: 'change a password',
    url: () => '/v1/me/password',
    request: { method: 'PUT', body: { current: 'a', next: 'a long password' } },
  },
  { name: 'list sessions', url: () => '/v1/sessions', request: {} },
  { name: 'end other sessions', url: () => '/v1/sessions', request: { method: 'DELETE' } },
  { name: 'end a session', url: () => `/v1/sessions/${room}`, request: { method: 'DELETE' } },
  { name: 'find people', url: () => '/v1/people', request: {} },
  { name: 'ask who is there', url: () => '/v1/presence', request: { method: 'POST', body: { ids: [] } } },
  { name: 'read a file', url: () => `/v1/attachments/${room}`, request: {} },
  {
    name: 'rate a feature',
    url: () => '/v1/ratings',
    request: { method: 'POST', body: { feature: FEATURES.MULTI_AGENT, score: 4 } },
  },
  { name: 'list ratings', url: () => '/v1/ratings/mine', request: {} },
  { name: 'read notices', url: () => '/v1/notices', request: {} },
  { name: 'list channels', url: () => '/v1/channels', request: {} },
  {
    name: 'join a channel',
    url: () => `/v1/conversations/${room}/join`,
    request: { method: 'POST', body: {} },
  },
];

const OPEN = [
  '/livez',
  '/readyz',
  '/metrics',
  '/v1/openapi.json',
  '/v1/login',
  '/v1/signup',
  '/v1/workspace',
  '/v1/status',
];

describe('who is not a member', () => {
  it.each(PRIVATE)('may not: $name', async ({ url, request }) => {
    const refused = await call<ErrorAnswer>(server.app, url(), { ...request, as: outsider });
    expect(refused.status).toBe(404);
    expect(refused.body.error.code).toBe('not_found');
    // The same words as for what does not exist at all, or the answer would tell that it does.
    const absent = url().replace(room, randomUUID()).replace(message.id, randomUUID());
    const unknown = await call<ErrorAnswer>(server.app, absent, { ...request, as: outsider });
    expect(unknown.body).toEqual(refused.body);
  });

  it.each(PRIVATE)('is told apart from a member, who may: $name', async ({ url, request }) => {
    const { status } = await call(server.app, url(), { ...request, as: member });
    expect([200, 201, 204]).toContain(status);
  });

  it('finds nothing by searching, and lists nothing', async () => {
    const found = await call<{ results: Message[] }>(server.app, '/v1/search?q=xylophone', { as: outsider });
    expect(found.body.results).toEqual([]);
    const listed = await call<{ conversations: { id: string }[] }>(server.app, '/v1/conversations', {
      as: outsider,
    });
    expect(listed.body.conversations).toEqual([]);
  });
});

describe('without a valid session', () => {
  const unknown = `Bearer ${'A'.repeat(43)}`;
  const tokens = [undefined, unknown, 'Basic dXNlcjpwYXNz', "Bearer '; DROP TABLE users; --", 'Bearer'];
  it.each(SIGNED_IN)('nobody may: $name', async ({ url, request }) => {
    for (const authorization of tokens) {
      const who = authorization === undefined ? {} : { as: { authorization: { authorization } } };
      const answer = await call<ErrorAnswer>(server.app, url(), { ...request, ...who });
      expect(answer.status).toBe(401);
      expect(answer.body.error.code).toBe('unauthenticated');
    }
  });

  it('covers every route there is', async () => {
    const described = await call<{ paths: Record<string, object> }>(server.app, '/v1/openapi.json');
    const known = new Set([...SIGNED_IN.map(({ url }) => pattern(url())), ...OPEN]);
    expect(Object.keys(described.body.paths).filter((path) => !known.has(path))).toEqual([]);
    expect(Object.keys(described.body.paths).length).toBeGreaterThan(12);
  });

  /** An address as the description of the API writes it. */
  function pattern(url: string): string {
    return url
      .replace(/\?.*/, '')
      .replace(room, '{id}')
      .replace(message.id, '{id}')
      .replace(member.id, '{userId}')
      .replace('/agents/recap', '/agents/{agent}')
      .replace(PARTY, '{emoji}');
  }
});
