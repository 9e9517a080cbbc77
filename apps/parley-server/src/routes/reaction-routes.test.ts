import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageAnswer } from '../message-page.ts';
import type { Message } from '../queries/message-row.ts';
import type { ReactionPeople } from '../queries/react.ts';
import type { ParleyServer } from '../server.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let first: Awaited<ReturnType<ParleyFixture['startServer']>>;
let second: ParleyServer;
let ana: TestPerson;
let bo: TestPerson;
let room: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer();
  second = await parley.startServer();
  await first.app.ready();
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
  room = await parley.addConversation([ana, bo]);
});
afterAll(async () => await parley.close());

type Changed = { message: Message; error: { code: string; field?: string } };

const url = (id: string, emoji: string): string =>
  `/v1/messages/${id}/reactions/${encodeURIComponent(emoji)}`;
const react = async (as: TestPerson, id: string, emoji: string, { app }: ParleyServer = first) =>
  await call<Changed>(app, url(id, emoji), { method: 'PUT', as });
const takeBack = async (as: TestPerson, id: string, emoji: string, { app }: ParleyServer = first) =>
  await call<Changed>(app, url(id, emoji), { method: 'DELETE', as });
const people = async (as: TestPerson, id: string) =>
  (await call<{ reactions: ReactionPeople[] }>(first.app, `/v1/messages/${id}/reactions`, { as })).body
    .reactions;
const page = async (as: TestPerson): Promise<PageAnswer> =>
  (await call<PageAnswer>(first.app, `/v1/conversations/${room}/messages`, { as })).body;

describe('reacting', () => {
  it('counts, and tells everybody which reactions are their own', async () => {
    const { id, version } = await send(first.app, ana, room, 'It works');
    expect((await react(bo, id, '🎉')).body.message).toMatchObject({
      reactions: [{ emoji: '🎉', count: 1, mine: true }],
      version: version + 1,
    });
    const { status, body } = await react(ana, id, '🎉');
    expect(status).toBe(200);
    expect(body.message.reactions).toEqual([{ emoji: '🎉', count: 2, mine: true }]);
    await takeBack(ana, id, '🎉');
    expect((await page(ana)).messages.at(-1)?.reactions).toEqual([{ emoji: '🎉', count: 1, mine: false }]);
    expect((await page(bo)).messages.at(-1)?.reactions).toEqual([{ emoji: '🎉', count: 1, mine: true }]);
    await takeBack(bo, id, '🎉');
    expect((await page(bo)).messages.at(-1)?.reactions).toEqual([]);
  });

  it('may be repeated, and taken back twice: it counts once', async () => {
    const { id } = await send(first.app, ana, room, 'Once');
    const once = await react(ana, id, '👍');
    expect((await react(ana, id, '👍')).body).toEqual(once.body);
    await takeBack(ana, id, '👍');
    const gone = await takeBack(ana, id, '👍');
    expect(gone.status).toBe(200);
    expect(gone.body.message.reactions).toEqual([]);
    expect(await people(ana, id)).toEqual([]);
  });

  it('counts everybody once when two processes hear of it at the same moment, many times over', async () => {
    const { id } = await send(first.app, ana, room, 'Contested');
    for (let round = 0; round < 15; round += 1) {
      const added = await Promise.all(
        [ana, bo, ana, bo].map(async (person, index) =>
          index < 2 ? await react(person, id, '🚇', first) : await react(person, id, '🚇', second),
        ),
      );
      expect(added.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect((await page(ana)).messages.at(-1)?.reactions).toEqual([{ emoji: '🚇', count: 2, mine: true }]);
      const removed = await Promise.all(
        [ana, bo, ana, bo].map(async (person, index) =>
          index < 2 ? await takeBack(person, id, '🚇', first) : await takeBack(person, id, '🚇', second),
        ),
      );
      expect(removed.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect((await page(ana)).messages.at(-1)?.reactions).toEqual([]);
    }
  });

  it('shows each person their own from a page that the cache holds for all', async () => {
    first.flags.publish([], 100);
    const { id } = await send(first.app, ana, room, 'Cached');
    await page(ana);
    await react(bo, id, '❤️', second);
    for (let round = 0; round < 2; round += 1) {
      expect((await page(ana)).messages.at(-1)?.reactions).toEqual([{ emoji: '❤️', count: 1, mine: false }]);
      expect((await page(bo)).messages.at(-1)?.reactions).toEqual([{ emoji: '❤️', count: 1, mine: true }]);
    }
    first.flags.publish([], 0);
  });

  it('names the first fifty of each emoji, in the order in which they reacted', async () => {
    const { id } = await send(first.app, ana, room, 'Popular');
    await react(bo, id, '🎉');
    await react(ana, id, '🎉');
    await react(ana, id, '👀');
    const reactions = await people(bo, id);
    expect(reactions).toHaveLength(2);
    expect(reactions).toContainEqual({
      emoji: '🎉',
      people: [
        { id: bo.id, name: 'Bo' },
        { id: ana.id, name: 'Ana' },
      ],
    });
    expect(reactions).toContainEqual({ emoji: '👀', people: [{ id: ana.id, name: 'Ana' }] });
  });

  it('takes whatever people see as one emoji, in one form', async () => {
    const { id } = await send(first.app, ana, room, 'All sorts');
    for (const emoji of ['👍🏽', '🇺🇦', '👨‍👩‍👧‍👦', '3️⃣', '🏴󠁧󠁢󠁷󠁬󠁳󠁿'])
      expect((await react(ana, id, emoji)).status).toBe(200);
    await react(ana, id, '❤');
    await react(bo, id, '❤️');
    const { body } = await react(bo, id, '👍🏽');
    expect(body.message.reactions).toContainEqual({ emoji: '❤️', count: 2, mine: true });
    expect(body.message.reactions).toContainEqual({ emoji: '👍🏽', count: 2, mine: true });
    expect(body.message.reactions).toHaveLength(6);
  });

  it.each(['x', '1', '🎉🎉', '👍 ', '<b>', "';--", '\u0000', '🎉'.repeat(400), ':tada:', '..'])(
    'refuses what is no emoji: %j',
    async (emoji) => {
      const { id } = await send(first.app, ana, room, 'Garbage');
      for (const { status, body } of [await react(ana, id, emoji), await takeBack(ana, id, emoji)]) {
        expect([400, 404, 414]).toContain(status);
        expect(body.error.code).toMatch(/invalid|not_found|too_large/);
      }
      expect((await page(ana)).messages.at(-1)?.reactions).toEqual([]);
    },
  );

  it('takes twenty different ones on a message, and the twenty-first only where it is there already', async () => {
    const { id } = await send(first.app, ana, room, 'Zoo');
    const zoo = '🐶 🐱 🐭 🐹 🐰 🦊 🐻 🐼 🐨 🐯 🦁 🐮 🐷 🐸 🐵 🐔 🐧 🐦 🐤 🦆'.split(' ');
    for (const emoji of zoo) expect((await react(ana, id, emoji)).status).toBe(200);
    const refused = await react(ana, id, '🦉');
    expect(refused.status).toBe(409);
    expect(refused.body.error.code).toBe('conflict');
    expect((await react(bo, id, '🐶')).status).toBe(200);
    await takeBack(ana, id, '🦆');
    expect((await react(ana, id, '🦉')).status).toBe(200);
  });

  it('takes none to what was deleted, and shows those there were no more', async () => {
    const { id } = await send(first.app, ana, room, 'Gone soon');
    await react(bo, id, '😢');
    const removed = await call<Changed>(first.app, `/v1/messages/${id}`, { method: 'DELETE', as: ana });
    expect(removed.body.message.reactions).toEqual([]);
    expect((await react(bo, id, '😢')).status).toBe(409);
    expect(await people(bo, id)).toEqual([]);
  });
});
