import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { PageAnswer } from '../message-page.ts';
import type { Message } from '../queries/message-row.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';
import { openSocket } from '../testing/test-socket.ts';

type Server = Awaited<ReturnType<ParleyFixture['startServer']>>;

let parley: ParleyFixture;
let first: Server;
let second: Server;
let ana: TestPerson;
let bo: TestPerson;
let cem: TestPerson;
let room: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer();
  second = await parley.startServer();
  await first.app.listen({ port: 0, host: '127.0.0.1' });
  await hearsEvents(first);
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
  cem = await parley.addPerson('Cem');
  room = await parley.addConversation([ana, bo, cem]);
});
afterAll(async () => await parley.close());

async function hearsEvents({ app }: Server): Promise<void> {
  await vi.waitFor(async () => {
    if ((await app.inject('/readyz')).statusCode !== 200) throw new Error('not ready yet');
  });
}

type Thread = { root: Message; replies: Message[]; hasMoreBefore: boolean };
type Changed = { message: Message; error: { code: string } };

let answers = 0;
const answer = async (as: TestPerson, threadId: string, body: string, { app } = first): Promise<Message> => {
  answers += 1;
  const sent = await call<Changed>(app, `/v1/conversations/${room}/messages`, {
    method: 'POST',
    as,
    body: { clientId: `answer-${answers}`, body, threadId },
  });
  expect(sent.status).toBe(201);
  return sent.body.message;
};
const remove = async (as: TestPerson, id: string, { app } = first): Promise<void> =>
  void (await call(app, `/v1/messages/${id}`, { method: 'DELETE', as }));
const threadOf = async (id: string, query = ''): Promise<Thread> =>
  (await call<Thread>(first.app, `/v1/messages/${id}/thread?${query}`, { as: ana })).body;
const page = async (): Promise<PageAnswer> =>
  (await call<PageAnswer>(first.app, `/v1/conversations/${room}/messages`, { as: ana })).body;

describe('a thread', () => {
  it('is counted on the message that is answered, with who answered last', async () => {
    const root = await send(first.app, ana, room, 'Who is on call?');
    const one = await answer(bo, root.id, 'Me');
    const two = await answer(cem, root.id, 'No, me');
    const three = await answer(bo, root.id, 'Right');
    expect([one.version, two.version, three.version]).toEqual([2, 4, 6].map((more) => root.version + more));
    const thread = await threadOf(root.id);
    expect(thread.root).toMatchObject({
      id: root.id,
      replyCount: 3,
      lastReplyAt: three.createdAt,
      repliers: [bo.id, cem.id],
      version: three.version - 1,
    });
    expect(thread.replies).toEqual([one, two, three].map((message) => ({ ...message, clientId: null })));
    expect(thread.hasMoreBefore).toBe(false);
    expect((await page()).messages.find(({ id }) => id === root.id)).toEqual(thread.root);
  });

  it('is one level deep: who answers an answer goes on in its thread, and each answer leads to all', async () => {
    const root = await send(first.app, ana, room, 'Lunch?');
    const one = await answer(bo, root.id, 'Yes');
    const two = await answer(cem, one.id, 'Where?');
    expect(two.threadId).toBe(root.id);
    expect((await threadOf(two.id)).replies.map(({ id }) => id)).toEqual([one.id, two.id]);
    expect((await threadOf(two.id)).root).toMatchObject({ id: root.id, replyCount: 2 });
  });

  it('is read from its end, part by part', async () => {
    const root = await send(first.app, ana, room, 'Many');
    const sent: number[] = [];
    for (let index = 0; index < 5; index += 1) sent.push((await answer(bo, root.id, `${index}`)).seq);
    const newest = await threadOf(root.id, 'limit=2');
    expect(newest.replies.map(({ seq }) => seq)).toEqual(sent.slice(3));
    expect(newest.hasMoreBefore).toBe(true);
    const rest = await threadOf(root.id, `limit=3&before=${sent[3]}`);
    expect(rest.replies.map(({ seq }) => seq)).toEqual(sent.slice(0, 3));
    expect(rest.hasMoreBefore).toBe(false);
  });

  it('counts a deleted answer no more, and forgets who gave no other', async () => {
    const root = await send(first.app, ana, room, 'Ideas?');
    const one = await answer(bo, root.id, 'A tram');
    const two = await answer(cem, root.id, 'A bus');
    await remove(cem, two.id);
    await remove(cem, two.id);
    expect((await threadOf(root.id)).root).toMatchObject({
      replyCount: 1,
      lastReplyAt: one.createdAt,
      repliers: [bo.id],
    });
    const { replies } = await threadOf(root.id);
    expect(replies.map(({ deletedAt }) => deletedAt !== null)).toEqual([false, true]);
    await remove(bo, one.id);
    expect((await threadOf(root.id)).root).toMatchObject({ replyCount: 0, lastReplyAt: null, repliers: [] });
  });

  it('counts right when two processes answer and delete at once', async () => {
    const root = await send(first.app, ana, room, 'Busy');
    const early = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => await answer(bo, root.id, `early ${index}`)),
    );
    await Promise.all([
      ...early.slice(0, 6).map(async ({ id }, index) => await remove(bo, id, index < 3 ? first : second)),
      ...Array.from(
        { length: 8 },
        async (_, index) => void (await answer(cem, root.id, `late ${index}`, index < 4 ? first : second)),
      ),
    ]);
    expect((await threadOf(root.id)).root).toMatchObject({ replyCount: 12 });
  });

  it('is announced: the answer as a message, and what it answers as changed', async () => {
    const root = await send(first.app, ana, room, 'Hear this');
    const socket = await openSocket(first.app, ana);
    onTestFinished(() => socket.close());
    const { seq, id, version } = await answer(bo, root.id, 'Heard', second);
    await vi.waitFor(() => expect(socket.heard.length).toBeGreaterThanOrEqual(3));
    expect(socket.heard).toEqual([
      { event: 'changed', data: { conversationId: room, seq: root.seq, id: root.id, version: version - 1 } },
      { event: 'message', data: { conversationId: room, seq, id, version } },
      { event: 'notification', data: {} },
    ]);
  });

  it('is right in the cache as well', async () => {
    await first.app.ready();
    first.flags.publish([], 100);
    onTestFinished(() => first.flags.publish([], 0));
    const root = await send(first.app, ana, room, 'Cached');
    await page();
    for (let count = 1; count <= 4; count += 1) {
      await answer(bo, root.id, 'more', count % 2 === 0 ? first : second);
      expect((await page()).messages.find(({ id }) => id === root.id)?.replyCount).toBe(count);
    }
  });
});

const pin = async (as: TestPerson, id: string, method: 'PUT' | 'DELETE' = 'PUT') =>
  await call<Changed>(first.app, `/v1/messages/${id}/pin`, { method, as });
const pins = async (): Promise<Message[]> =>
  (await call<{ messages: Message[] }>(first.app, `/v1/conversations/${room}/pins`, { as: bo })).body
    .messages;

describe('pins', () => {
  it('are of all members, the newest first, and may be repeated', async () => {
    const [one, two] = [await send(first.app, ana, room, 'one'), await send(first.app, ana, room, 'two')];
    await pin(bo, two.id);
    const { status, body } = await pin(bo, one.id);
    expect(status).toBe(200);
    expect(body.message.pinnedAt).not.toBeNull();
    expect((await pin(cem, one.id)).body.message).toMatchObject({
      pinnedAt: body.message.pinnedAt,
      version: body.message.version,
    });
    expect((await pins()).map(({ id }) => id)).toEqual([one.id, two.id]);
    expect((await pin(cem, one.id, 'DELETE')).body.message.pinnedAt).toBeNull();
    expect((await pin(cem, one.id, 'DELETE')).status).toBe(200);
    expect((await pins()).map(({ id }) => id)).toEqual([two.id]);
  });

  it('go with the message', async () => {
    const { id } = await send(first.app, ana, room, 'short-lived');
    await pin(ana, id);
    await remove(ana, id);
    expect((await pins()).some((message) => message.id === id)).toBe(false);
    expect((await pin(ana, id)).status).toBe(409);
  });
});
