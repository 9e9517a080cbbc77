import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../queries/message-row.ts';
import type { ParleyServer } from '../server.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let server: ParleyServer;
let ana: TestPerson;
let bo: TestPerson;
let cem: TestPerson;
let room: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer();
});
beforeEach(async () => {
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
  cem = await parley.addPerson('Cem');
  room = await parley.addConversation([ana, bo, cem], 'tram-7');
});
afterAll(async () => await parley.close());

type Notification = {
  id: string;
  kind: string;
  conversationTitle: string;
  messageId: string;
  senderName: string;
  excerpt: string;
  readAt: string | null;
};
type Notifications = { notifications: Notification[]; unread: number };
type Listed = { id: string; mentions: number; unread: number; lastReadSeq: number; muted: boolean };

const notified = async (as: TestPerson, query = ''): Promise<Notifications> =>
  (await call<Notifications>(server.app, `/v1/notifications?${query}`, { as })).body;
const kinds = async (as: TestPerson): Promise<string[]> =>
  (await notified(as)).notifications.map(({ kind }) => kind);
const listed = async (as: TestPerson): Promise<Listed | undefined> =>
  (await call<{ conversations: Listed[] }>(server.app, '/v1/conversations', { as })).body.conversations.find(
    ({ id }) => id === room,
  );
const put = async <Body>(as: TestPerson, url: string, body: object): Promise<Body> => {
  const answer = await call<Body>(server.app, url, { method: 'PUT', as, body });
  expect(answer.status).toBe(200);
  return answer.body;
};
const inRoom = (action: string): string => `/v1/conversations/${room}/${action}`;

let answers = 0;
const answer = async (as: TestPerson, threadId: string, body: string): Promise<Message> => {
  answers += 1;
  const request = { clientId: `answer-${answers}`, body, threadId };
  return (
    await call<{ message: Message }>(server.app, inRoom('messages'), { method: 'POST', as, body: request })
  ).body.message;
};
const edit = async (as: TestPerson, id: string, body: string): Promise<void> =>
  void (await call(server.app, `/v1/messages/${id}`, { method: 'PATCH', as, body: { body } }));
const remove = async (as: TestPerson, id: string): Promise<void> =>
  void (await call(server.app, `/v1/messages/${id}`, { method: 'DELETE', as }));

describe('a mention', () => {
  it('notifies whom it names, with the text as people read it', async () => {
    const { id, seq } = await send(
      server.app,
      ana,
      room,
      `<@${bo.id}>  and <@${cem.id.toUpperCase()}>:\nlook`,
    );
    const { notifications, unread } = await notified(bo);
    expect(unread).toBe(1);
    expect(notifications).toEqual([
      {
        id: notifications[0]?.id,
        kind: 'mention',
        conversationId: room,
        conversationTitle: 'tram-7',
        messageId: id,
        seq,
        threadId: null,
        senderId: ana.id,
        senderName: 'Ana',
        excerpt: '@Bo and @Cem: look',
        createdAt: expect.any(String) as string,
        readAt: null,
      },
    ]);
    expect(await kinds(cem)).toEqual(['mention']);
    expect(await listed(bo)).toMatchObject({ mentions: 1 });
    expect(await listed(ana)).toMatchObject({ mentions: 0 });
  });

  it('notifies nobody who is not there, and not oneself', async () => {
    const outside = await parley.addPerson('Outside');
    await send(server.app, ana, room, `<@${outside.id}> <@${ana.id}> <@${randomUUID()}> <@nobody> <@`);
    for (const person of [outside, ana, bo]) expect(await kinds(person)).toEqual([]);
  });

  it('that an edit adds notifies once, however often the text is changed', async () => {
    const { id } = await send(server.app, ana, room, 'Hello');
    for (const body of [`Hello <@${bo.id}>`, 'Hello', `Hello again <@${bo.id}>`]) await edit(ana, id, body);
    expect(await kinds(bo)).toEqual(['mention']);
    expect((await notified(bo)).notifications[0]?.excerpt).toBe('Hello again @Bo');
  });

  it('of a hundred people notifies the first fifty', async () => {
    const crowd = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => await parley.addPerson(`Crowd${index}`)),
    );
    const big = await parley.addConversation([ana, ...crowd]);
    await send(server.app, ana, big, crowd.map(({ id }) => `<@${id}>`).join(' '));
    const rows = await parley.sql(
      'SELECT count(*)::int AS n FROM parley.notifications WHERE conversation_id = $1',
      [big],
    );
    expect(rows).toEqual([{ n: 50 }]);
  });

  it('goes with the message', async () => {
    const { id } = await send(server.app, ana, room, `<@${bo.id}> oops`);
    await remove(ana, id);
    expect(await notified(bo)).toEqual({ notifications: [], unread: 0 });
    expect(await listed(bo)).toMatchObject({ mentions: 0 });
  });
});

describe('an answer', () => {
  it('notifies who asked and who answered before, but not who answers', async () => {
    const root = await send(server.app, ana, room, 'Who has the keys?');
    await answer(bo, root.id, 'Not me');
    expect([await kinds(ana), await kinds(bo), await kinds(cem)]).toEqual([['reply'], [], []]);
    await answer(cem, root.id, 'Me');
    expect([await kinds(ana), await kinds(bo), await kinds(cem)]).toEqual([
      ['reply', 'reply'],
      ['reply'],
      [],
    ]);
    expect(await listed(ana)).toMatchObject({ mentions: 0 });
  });

  it('that also mentions somebody notifies them of the mention alone', async () => {
    const root = await send(server.app, ana, room, 'Question');
    await answer(bo, root.id, `<@${ana.id}> <@${cem.id}> here`);
    expect([await kinds(ana), await kinds(cem)]).toEqual([['mention'], ['mention']]);
  });

  it('becomes a mention when an edit names who was notified of it', async () => {
    const root = await send(server.app, ana, room, 'Question');
    const { id } = await answer(bo, root.id, 'here');
    await put(ana, '/v1/notifications/read', { upTo: '999999999' });
    await edit(bo, id, `here, <@${ana.id}>`);
    expect(await kinds(ana)).toEqual(['mention']);
    expect((await notified(ana)).unread).toBe(1);
  });
});

describe('a muted conversation', () => {
  it('notifies of mentions, but not of answers', async () => {
    const root = await send(server.app, ana, room, 'Noise');
    expect(await put(ana, inRoom('mute'), { muted: true })).toEqual({ muted: true });
    expect(await put(ana, inRoom('mute'), { muted: true })).toEqual({ muted: true });
    expect([(await listed(ana))?.muted, (await listed(bo))?.muted]).toEqual([true, false]);
    await answer(bo, root.id, 'more noise');
    expect(await kinds(ana)).toEqual([]);
    await answer(bo, root.id, `<@${ana.id}> sorry`);
    expect(await kinds(ana)).toEqual(['mention']);
    await put(ana, inRoom('mute'), { muted: false });
    await answer(bo, root.id, 'again');
    expect(await kinds(ana)).toEqual(['reply', 'mention']);
  });
});

describe('reading', () => {
  it('a conversation up to a message reads what one was notified of up to there', async () => {
    const { seq } = await send(server.app, ana, room, `<@${bo.id}> one`);
    await send(server.app, ana, room, `<@${bo.id}> two`);
    await put(bo, inRoom('read'), { seq });
    const { notifications, unread } = await notified(bo);
    expect(unread).toBe(1);
    expect(notifications.map(({ readAt }) => readAt === null)).toEqual([true, false]);
    expect(await listed(bo)).toMatchObject({ mentions: 1, unread: 1 });
    await send(server.app, bo, room, 'I am here');
    expect((await notified(bo)).unread).toBe(0);
  });

  it('notifications up to one of them leaves the newer ones', async () => {
    for (const word of ['one', 'two', 'three']) await send(server.app, ana, room, `<@${bo.id}> ${word}`);
    const { notifications } = await notified(bo);
    expect(notifications.map(({ excerpt }) => excerpt)).toEqual(['@Bo three', '@Bo two', '@Bo one']);
    expect(await put(bo, '/v1/notifications/read', { upTo: notifications[1]?.id })).toEqual({ unread: 1 });
    expect(await put(bo, '/v1/notifications/read', { upTo: notifications[1]?.id })).toEqual({ unread: 1 });
    expect((await notified(cem)).unread).toBe(0);
  });

  it('goes part by part', async () => {
    for (const word of ['one', 'two', 'three']) await send(server.app, ana, room, `<@${bo.id}> ${word}`);
    const { notifications: newest } = await notified(bo, 'limit=2');
    const { notifications: rest } = await notified(bo, `limit=2&before=${newest[1]?.id}`);
    expect([...newest, ...rest].map(({ excerpt }) => excerpt)).toEqual(['@Bo three', '@Bo two', '@Bo one']);
  });

  it('shows nothing of a conversation that one has left', async () => {
    await send(server.app, ana, room, `<@${bo.id}> secret`);
    await parley.sql('DELETE FROM conversation_participants WHERE conversation_id = $1 AND user_id = $2', [
      room,
      bo.id,
    ]);
    expect(await notified(bo)).toEqual({ notifications: [], unread: 0 });
  });

  it('can be undone: everything from a message on counts as unread again', async () => {
    for (const body of ['one', 'two', 'three']) await send(server.app, ana, room, body);
    await put(bo, inRoom('read'), { seq: 3 });
    expect(await put(bo, inRoom('unread'), { seq: 2 })).toEqual({ lastReadSeq: 1 });
    expect(await listed(bo)).toMatchObject({ unread: 2, lastReadSeq: 1 });
    expect(await put(bo, inRoom('unread'), { seq: 0 })).toEqual({ lastReadSeq: 0 });
    expect(await put(bo, inRoom('unread'), { seq: 99 })).toEqual({ lastReadSeq: 3 });
    expect(await put(bo, inRoom('read'), { seq: 1 })).toEqual({ lastReadSeq: 3 });
  });

  it.each([{}, { upTo: 1 }, { upTo: '-1' }, { upTo: 'x' }, { upTo: null }])('refuses %j', async (body) => {
    const { status } = await call(server.app, '/v1/notifications/read', { method: 'PUT', as: ana, body });
    expect(status).toBe(400);
  });
});
