import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageAnswer } from './message-page.ts';
import type { Message } from './queries/message-row.ts';
import { bucketOf } from './query-cache.ts';
import { call, send } from './testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from './testing/parley-fixture.ts';

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
  const { values } = await metrics.cacheLookups.get();
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.result), value]));
};
const newest = async ({ app }: Server, conversation: string): Promise<PageAnswer> =>
  (await call<PageAnswer>(app, `/v1/conversations/${conversation}/messages`, { as: ana })).body;
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
    await send(first.app, ana, room, 'hello');
    const before = await lookups(first);
    const read = await newest(first, room);
    expect(await newest(first, room)).toEqual(read);
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
    const read = async (server: Server): Promise<void> => {
      for (let index = 0; index < 60; index += 1) {
        const floor = acknowledged;
        expect((await newest(server, room)).lastSeq).toBeGreaterThanOrEqual(floor);
      }
    };
    await Promise.all([write(first), write(second), read(first), read(second)]);
    expect(acknowledged).toBe(60);
  });

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
