import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageAnswer } from '../message-page.ts';
import type { Message } from '../queries/message-row.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';
import { bucketOf } from './query-cache.ts';

type Server = Awaited<ReturnType<ParleyFixture['startServer']>>;

let parley: ParleyFixture;
let first: Server;
let second: Server;
let ana: TestPerson;

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer();
  second = await parley.startServer();
  for (const { app } of [first, second]) await app.ready();
  ana = await parley.addPerson('Ana');
});
afterAll(async () => await parley.close());

const lookups = async ({ metrics }: Server): Promise<Record<string, number>> => {
  const counted = (await metrics.text()).matchAll(/^parley_cache_lookups_total\{result="(\w+)"\} (\d+)/gm);
  return Object.fromEntries([...counted].map(([, result = '', count]) => [result, Number(count)]));
};
const read = async ({ app }: Server, conversation: string, query: string): Promise<PageAnswer> =>
  (await call<PageAnswer>(app, `/v1/conversations/${conversation}/messages?${query}`, { as: ana })).body;
const newest = async (server: Server, conversation: string): Promise<PageAnswer> =>
  await read(server, conversation, '');
const seqs = ({ messages }: PageAnswer): number[] => messages.map(({ seq }) => seq);
/** Whole numbers below a limit, the same in every run. */
const seededNumbers = (seed: number) => {
  let state = seed;
  return (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
};
const PARTY = encodeURIComponent('🎉');
const share = (value: number): void => [first, second].forEach(({ flags }) => flags.publish([], value));

describe('the query cache', () => {
  it('is not used while its share is 0', async () => {
    const room = await parley.addConversation([ana]);
    const before = await lookups(first);
    await newest(first, room);
    await newest(first, room);
    expect(await lookups(first)).toEqual({ ...before, bypass: (before['bypass'] ?? 0) + 2 });
  });

  it('answers the second of two equal questions', async () => {
    share(100);
    const room = await parley.addConversation([ana]);
    await send(second.app, ana, room, 'hello');
    const before = await lookups(first);
    const page = await newest(first, room);
    expect(await newest(first, room)).toEqual(page);
    const after = await lookups(first);
    expect(after['miss']).toBe((before['miss'] ?? 0) + 1);
    expect(after['hit']).toBe((before['hit'] ?? 0) + 1);
  });

  it('is never stale: what either process acknowledged, both show', async () => {
    share(100);
    const room = await parley.addConversation([ana]);
    for (let round = 0; round < 40; round += 1) {
      const writer = round % 2 === 0 ? first : second;
      const { id, seq } = await send(writer.app, ana, room, `round ${round}`);
      for (const server of [first, second])
        expect((await newest(server, room)).messages.at(-1)).toMatchObject({ id, seq });
      const edited = await call<{ message: Message }>(writer.app, `/v1/messages/${id}`, {
        method: 'PATCH',
        as: ana,
        body: { body: `edited ${round}` },
      });
      for (const server of [second, first]) {
        expect((await newest(server, room)).messages.at(-1)).toEqual(edited.body.message);
        expect((await newest(server, room)).messages.at(-1)).toEqual(edited.body.message);
      }
    }
    expect((await lookups(first))['hit']).toBeGreaterThan(30);
  });

  it('is never stale while many write and read at once', async () => {
    share(100);
    const room = await parley.addConversation([ana]);
    let acknowledged = 0;
    const write = async (server: Server): Promise<void> => {
      for (let index = 0; index < 30; index += 1) {
        const { seq } = await send(server.app, ana, room, 'busy');
        acknowledged = Math.max(acknowledged, seq);
      }
    };
    const follow = async (server: Server): Promise<void> => {
      for (let index = 0; index < 60; index += 1) {
        const floor = acknowledged;
        expect((await newest(server, room)).lastSeq).toBeGreaterThanOrEqual(floor);
      }
    };
    await Promise.all([write(first), write(second), follow(first), follow(second)]);
    expect(acknowledged).toBe(60);
  });

  it('keeps what was written before, whatever is sent after it', async () => {
    share(100);
    const room = await parley.addConversation([ana]);
    for (let index = 1; index <= 120; index += 1) await send(second.app, ana, room, `message ${index}`);
    const older = await read(first, room, 'before=80&limit=60');
    await send(second.app, ana, room, 'news');
    const before = await lookups(first);
    expect(await read(first, room, 'before=80&limit=60')).toEqual({ ...older, lastSeq: 121, version: 121 });
    // Other questions whose answers lie within what was read.
    expect(seqs(await read(first, room, 'after=39&limit=20'))).toEqual(seqs(older).slice(20, 40));
    expect(await lookups(first)).toEqual({ ...before, hit: (before['hit'] ?? 0) + 2 });
  });

  it('asks only for what is new', async () => {
    share(100);
    const room = await parley.addConversation([ana]);
    for (let index = 1; index <= 3; index += 1) await send(second.app, ana, room, `message ${index}`);
    const known = (await newest(first, room)).messages;
    const { id } = await send(second.app, ana, room, 'news');
    // Behind the counters' back, which nobody may do: it shows which rows were read again.
    await parley.sql("UPDATE messages SET body = 'read again' WHERE conversation_id = $1", [room]);
    const page = await newest(first, room);
    expect(page.messages.slice(0, 3)).toEqual(known);
    expect(page.messages[3]).toMatchObject({ id, body: 'read again' });
  });

  it('knows what was sent through this process without reading it', async () => {
    share(100);
    const room = await parley.addConversation([ana]);
    for (let index = 1; index <= 3; index += 1) await send(second.app, ana, room, `message ${index}`);
    await newest(first, room);
    const { id } = await send(first.app, ana, room, 'news');
    const before = await lookups(first);
    const { messages, lastSeq, version } = await newest(first, room);
    expect({ last: messages[3]?.id, lastSeq, version }).toEqual({ last: id, lastSeq: 4, version: 4 });
    expect(await lookups(first)).toEqual({ ...before, hit: (before['hit'] ?? 0) + 1 });
  });

  it('forgets older messages when one of them is edited or deleted', async () => {
    share(100);
    const room = await parley.addConversation([ana]);
    const ids: string[] = [];
    for (let index = 1; index <= 60; index += 1) {
      ids.push((await send(second.app, ana, room, `message ${index}`)).id);
    }
    await read(first, room, 'before=41&limit=40');
    const body = { body: 'changed' };
    await call(second.app, `/v1/messages/${ids[2]}`, { method: 'PATCH', as: ana, body });
    await call(second.app, `/v1/messages/${ids[3]}`, { method: 'DELETE', as: ana });
    const { messages } = await read(first, room, 'before=41&limit=40');
    expect(messages[2]).toMatchObject({ id: ids[2], body: 'changed' });
    expect(messages[3]).toMatchObject({ id: ids[3], body: '' });
  });

  it(
    'answers like the database to whatever is asked, after whatever was written',
    { timeout: 120_000 },
    async () => {
      const reference = await parley.startServer();
      await reference.app.ready();
      share(100);
      const room = await parley.addConversation([ana]);
      const ids: string[] = [];
      const random = seededNumbers(11);
      for (let step = 0; step < 500; step += 1) {
        const [writer, reader] = random(2) === 0 ? [first, second] : [second, first];
        const dice = random(10);
        if (ids.length < 5 || dice < 4) ids.push((await send(writer.app, ana, room, `step ${step}`)).id);
        else if (dice === 4) {
          const [method, body] =
            random(3) === 0 ? ['DELETE' as const] : ['PATCH' as const, { body: `${step}` }];
          const change = { method, as: ana, ...(body === undefined ? {} : { body }) };
          await call(writer.app, `/v1/messages/${ids[random(ids.length)]}`, change);
        } else if (dice === 5) {
          const url = `/v1/messages/${ids[random(ids.length)]}/${['pin', `reactions/${PARTY}`][random(2)]}`;
          await call(writer.app, url, { method: random(3) === 0 ? 'DELETE' : 'PUT', as: ana });
        } else if (dice === 6) {
          const body = { clientId: `answer-${step}`, body: 'answer', threadId: ids[random(ids.length)] };
          const url = `/v1/conversations/${room}/messages`;
          const answer = await call<{ message: Message }>(writer.app, url, { method: 'POST', as: ana, body });
          ids.push(answer.body.message.id);
        }
        const sides = ['', `before=${random(ids.length + 60)}&`, `after=${random(ids.length + 60)}&`];
        const query = `${sides[random(3)]}limit=${1 + random(120)}`;
        expect(await read(reader, room, query), query).toEqual(await read(reference, room, query));
      }
      expect((await lookups(reference))['hit']).toBe(0);
    },
  );

  it('does not let a person in who is no longer a member', async () => {
    share(100);
    const bo = await parley.addPerson('Bo');
    const room = await parley.addConversation([ana, bo]);
    await send(first.app, ana, room, 'secret');
    const asBo = async () => await call(first.app, `/v1/conversations/${room}/messages`, { as: bo });
    expect((await asBo()).status).toBe(200);
    expect((await asBo()).status).toBe(200);
    await parley.sql('DELETE FROM conversation_participants WHERE conversation_id = $1 AND user_id = $2', [
      room,
      bo.id,
    ]);
    expect((await asBo()).status).toBe(404);
  });
});

describe('the share of keys', () => {
  it('is close to what was asked for, and only ever grows', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `conversation-${index} before ${index * 7} 50`);
    for (const wanted of [10, 50, 90]) {
      const held = keys.filter((key) => bucketOf(key) < wanted).length / keys.length;
      expect(held * 100).toBeGreaterThan(wanted - 1.5);
      expect(held * 100).toBeLessThan(wanted + 1.5);
    }
    expect(keys.every((key) => bucketOf(key) >= 0 && bucketOf(key) < 100)).toBe(true);
  });
});
