import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../queries/message-row.ts';
import type { ParleyServer } from '../server.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let first: ParleyServer;
let second: ParleyServer;
let ana: TestPerson;
let bo: TestPerson;

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer();
  second = await parley.startServer();
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
});
afterAll(async () => await parley.close());

type Changes = { messages: Message[]; version: number; lastSeq: number; hasMore: boolean };

const changes = async (room: string, query: string, { app }: ParleyServer = first): Promise<Changes> => {
  const answer = await call<Changes>(app, `/v1/conversations/${room}/changes?${query}`, { as: bo });
  expect(answer.status).toBe(200);
  return answer.body;
};
const edit = async (id: string, body: string, { app }: ParleyServer = first): Promise<void> =>
  void (await call(app, `/v1/messages/${id}`, { method: 'PATCH', as: ana, body: { body } }));

describe('what changed since', () => {
  it('has each message once, as it is now, in the order of the last changes', async () => {
    const room = await parley.addConversation([ana, bo]);
    const one = await send(first.app, ana, room, 'one');
    const two = await send(first.app, ana, room, 'two');
    await edit(one.id, 'one, edited');
    await edit(one.id, 'one, edited again');
    const all = await changes(room, 'since=0');
    expect(all).toMatchObject({ version: 4, lastSeq: 2, hasMore: false });
    expect(all.messages.map(({ id, version, body }) => ({ id, version, body }))).toEqual([
      { id: two.id, version: 2, body: 'two' },
      { id: one.id, version: 4, body: 'one, edited again' },
    ]);
    expect((await changes(room, 'since=2')).messages.map(({ id }) => id)).toEqual([one.id]);
    expect(await changes(room, 'since=4')).toEqual({ messages: [], version: 4, lastSeq: 2, hasMore: false });
    expect((await changes(room, 'since=99')).messages).toEqual([]);
  });

  it('comes in parts', async () => {
    const room = await parley.addConversation([ana, bo]);
    for (let index = 0; index < 5; index += 1) await send(first.app, ana, room, `message ${index}`);
    const part = await changes(room, 'since=1&limit=2');
    expect(part.messages.map(({ version }) => version)).toEqual([2, 3]);
    expect(part.hasMore).toBe(true);
    const rest = await changes(room, 'since=3&limit=2');
    expect(rest.messages.map(({ version }) => version)).toEqual([4, 5]);
    expect(rest.hasMore).toBe(false);
  });

  it('never separates messages that changed at one version', async () => {
    const room = await parley.addConversation([ana, bo]);
    for (let index = 0; index < 6; index += 1) await send(first.app, ana, room, `message ${index}`);
    await parley.sql('UPDATE messages SET version = 3 WHERE conversation_id = $1 AND seq BETWEEN 2 AND 5', [
      room,
    ]);
    const part = await changes(room, 'since=0&limit=2');
    expect(part.messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    expect(part.hasMore).toBe(true);
    expect((await changes(room, 'since=3&limit=2')).messages.map(({ seq }) => seq)).toEqual([6]);
  });

  it(
    'misses nothing while changes overlap, however slowly one of them commits',
    { timeout: 60_000 },
    async () => {
      const room = await parley.addConversation([ana, bo]);
      const ids: string[] = [];
      for (let index = 0; index < 8; index += 1) ids.push((await send(first.app, ana, room, `${index}`)).id);
      // Holds every change back for a moment that differs, after it has taken its version.
      await parley.sql(`
      CREATE OR REPLACE FUNCTION public.dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_sleep(random() * 0.02); RETURN NULL; END $$;
      CREATE TRIGGER dawdle AFTER INSERT OR UPDATE ON public.messages FOR EACH ROW EXECUTE FUNCTION public.dawdle()`);
      const writing = { isDone: false };
      const write = async (server: ParleyServer, mark: string): Promise<void> => {
        for (let index = 0; index < 25; index += 1) {
          if (index % 3 === 0) ids.push((await send(server.app, ana, room, `${mark} ${index}`)).id);
          else await edit(ids[(index * 7) % 8] ?? '', `${mark} ${index}`, server);
        }
      };
      /** Follows the feed alone, as a client does that hears of a change and asks for it. */
      const follow = async (server: ParleyServer): Promise<Map<string, string>> => {
        const known = new Map<string, string>();
        let since = 0;
        for (let rest = 1; rest > 0 || !writing.isDone;) {
          const { messages, version, hasMore } = await changes(room, `since=${since}&limit=3`, server);
          for (const { id, body } of messages) known.set(id, body);
          since = hasMore ? (messages.at(-1)?.version ?? since) : version;
          rest = messages.length + (writing.isDone ? 0 : 1);
        }
        return known;
      };
      const followers = [follow(first), follow(second)];
      await Promise.all([write(first, 'a'), write(second, 'b'), write(first, 'c')]);
      writing.isDone = true;
      const stored = await parley.sql('SELECT id, body FROM messages WHERE conversation_id = $1', [room]);
      const expected = new Map(stored.map((row) => [row['id'], row['body']]));
      for (const known of await Promise.all(followers)) expect(known).toEqual(expected);
      await parley.sql('DROP FUNCTION public.dawdle() CASCADE');
    },
  );

  it.each(['', 'since=-1', 'since=x', 'since=1.5', 'since=1&limit=0', 'since=1&limit=501'])(
    'refuses %j',
    async (query) => {
      const room = await parley.addConversation([bo]);
      const { status } = await call(first.app, `/v1/conversations/${room}/changes?${query}`, { as: bo });
      expect(status).toBe(400);
    },
  );
});
