import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ParleyServer } from '../server.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';
import { openSocket, type TestSocket } from '../testing/test-socket.ts';
import { untilReady } from '../testing/until-ready.ts';

type Listed = { members: { id: string; name: string; role: string }[]; next: string | null };
type Found = { people: { id: string; name: string; isActive: boolean }[] };
type Made = { conversation: { id: string; memberCount: number; role: string; joinable: boolean } };

/** On a busy machine, too. */
const soon = { timeout: 20_000, interval: 50 };

let parley: ParleyFixture;
let server: ParleyServer;
/** Another process, as far as anybody can tell. */
let second: ParleyServer;
let maja: TestPerson;
let kenji: TestPerson;
let noor: TestPerson;

beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer();
  second = await parley.startServer();
  for (const { app } of [server, second]) {
    await app.listen({ port: 0, host: '127.0.0.1' });
    await untilReady(app);
  }
  maja = await parley.addPerson('Maja Lind');
  kenji = await parley.addPerson('Kenji Mori');
  noor = await parley.addPerson('Inês Duarte');
});
afterAll(async () => await parley.close());

const make = async (as: TestPerson, body: object) =>
  await call<Made>(server.app, '/v1/conversations', { method: 'POST', as, body });
/** Of which conversations it was told that they are otherwise now. */
const changedIn = ({ heard }: TestSocket): unknown[] =>
  heard.filter(({ event }) => event === 'conversation').map(({ data }) => data['conversationId']);
/** Which messages of a conversation were told: once or, to a socket that has just been opened, twice. */
const messagesIn = ({ heard }: TestSocket, id: string): unknown[] => [
  ...new Set(
    heard
      .filter(({ event, data }) => event === 'message' && data['conversationId'] === id)
      .map(({ data }) => data['seq']),
  ),
];
const channel = async (joinable = true): Promise<string> =>
  (await make(maja, { kind: 'channel', title: 'harbours', joinable })).body.conversation.id;
const members = async (id: string, query = '') =>
  (await call<Listed>(server.app, `/v1/conversations/${id}/members${query}`, { as: maja })).body;

describe('a channel', () => {
  it('is found and joined by anybody where that was meant, and by nobody else', async () => {
    const [open, closed] = [await channel(), await channel(false)];
    const listed = await call<{ channels: { id: string; isMember: boolean }[] }>(server.app, '/v1/channels', {
      as: kenji,
    });
    expect(listed.body.channels.map(({ id }) => id)).toContain(open);
    expect(listed.body.channels.map(({ id }) => id)).not.toContain(closed);
    const join = async (id: string) =>
      (await call(server.app, `/v1/conversations/${id}/join`, { method: 'POST', as: kenji, body: {} }))
        .status;
    expect([await join(open), await join(open), await join(closed)]).toEqual([204, 204, 404]);
    expect((await members(open)).members.map(({ name }) => name)).toEqual(['Kenji Mori', 'Maja Lind']);
  });

  it('is joined without a body as well', async () => {
    const url = `/v1/conversations/${await channel()}/join`;
    const joined = await server.app.inject({ method: 'POST', url, headers: kenji.authorization });
    expect(joined.statusCode).toBe(204);
  });

  it('is told to those it is made with, on every server, who then hear all of it', async () => {
    const lea = await parley.addPerson('Lea');
    const leas = await openSocket(second.app, lea);
    const made = await make(maja, { kind: 'channel', title: 'new', memberIds: [lea.id] });
    const { id } = made.body.conversation;
    const { seq } = await send(server.app, maja, id, 'hello');
    await vi.waitFor(() => expect(messagesIn(leas, id)).toContain(seq), soon);
    await vi.waitFor(() => expect(changedIn(leas)).toEqual([id]), soon);
    leas.close();
  });

  it('is told to a thousand people at once', async () => {
    const added = await parley.sql(
      `INSERT INTO auth.users (email, raw_user_meta_data)
       SELECT 'guest' || n || '@parley.example', jsonb_build_object('name', 'Guest ' || n) FROM generate_series(1, 999) n RETURNING id`,
    );
    const lea = await parley.addPerson('Lea');
    const memberIds = [...added.map(({ id }) => String(id)), lea.id];
    const leas = await openSocket(second.app, lea);
    const made = await make(maja, { kind: 'channel', title: 'assembly', memberIds });
    expect([made.status, made.body.conversation.memberCount]).toEqual([201, 1_001]);
    await vi.waitFor(() => expect(changedIn(leas)).toEqual([made.body.conversation.id]), soon);
    leas.close();
  });

  it('is heard by who was brought in, on every server, and no longer by who has left', async () => {
    const id = await channel();
    const lea = await parley.addPerson('Lea');
    const leas = await openSocket(second.app, lea);
    const address = `/v1/conversations/${id}/members`;
    const body = { userIds: [lea.id] };
    const brought = await call(server.app, address, { method: 'POST', as: maja, body });
    expect(brought.body).toEqual(body);
    await send(server.app, maja, id, 'hello');
    await vi.waitFor(() => expect(messagesIn(leas, id)).toContain(1), soon);
    await call(server.app, `${address}/${lea.id}`, { method: 'DELETE', as: lea });
    await send(server.app, maja, id, 'are you there?');
    // Events come in the order of commits: once this one is heard, all before it were.
    const later = (await make(lea, { kind: 'channel', title: 'later' })).body.conversation.id;
    await vi.waitFor(() => expect(changedIn(leas)).toEqual([id, id, later]), soon);
    expect(messagesIn(leas, id)).toEqual([1]);
    leas.close();
  });

  it('lets its owner take others out, and nobody else', async () => {
    const id = await channel();
    await call(server.app, `/v1/conversations/${id}/members`, {
      method: 'POST',
      as: maja,
      body: { userIds: [kenji.id, noor.id] },
    });
    const take = async (as: TestPerson) =>
      (await call(server.app, `/v1/conversations/${id}/members/${noor.id}`, { method: 'DELETE', as })).status;
    expect(await take(kenji)).toBe(403);
    expect(await take(maja)).toBe(204);
    expect((await members(id)).members).toHaveLength(2);
  });

  it('is read page by page when it has many members, each of them once', async () => {
    const id = await channel();
    await parley.sql(
      `WITH made AS (
         INSERT INTO auth.users (email, raw_user_meta_data)
         SELECT 'many' || n || '@parley.example', jsonb_build_object('name', 'Many ' || (n % 50)) FROM generate_series(1, 500) n
         RETURNING id)
       INSERT INTO conversation_participants (conversation_id, user_id) SELECT $1, id FROM made`,
      [id],
    );
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: Listed = await members(id, next === '' ? '?limit=120' : `?limit=120&after=${next}`);
      seen.push(...page.members.map((member) => member.id));
      next = page.next;
    }
    expect(seen).toHaveLength(501);
    expect(new Set(seen).size).toBe(501);
    expect((await members(id, '?q=maja')).members.map(({ name }) => name)).toEqual(['Maja Lind']);
    expect(
      (await call(server.app, `/v1/conversations/${id}/members?after=garbage`, { as: maja })).status,
    ).toBe(400);
    const nul = Buffer.from(`${maja.id} a\u0000`).toString('base64url');
    expect(
      (await call(server.app, `/v1/conversations/${id}/members?after=${nul}`, { as: maja })).status,
    ).toBe(400);
  });

  it('is renamed by its members', async () => {
    const id = await channel();
    const rename = async (as: TestPerson) =>
      (
        await call(server.app, `/v1/conversations/${id}`, {
          method: 'PATCH',
          as,
          body: { title: 'harbours-japan' },
        })
      ).status;
    expect([await rename(noor), await rename(maja)]).toEqual([404, 204]);
    const blank = { method: 'PATCH', as: maja, body: { title: ' \u200b' } } as const;
    expect((await call(server.app, `/v1/conversations/${id}`, blank)).status).toBe(400);
  });
});

describe('a direct conversation', () => {
  it('of the same people is found again, also when both begin it at once', async () => {
    const [one, other] = [await parley.addPerson('One'), await parley.addPerson('Other')];
    const both = await Promise.all([
      make(one, { kind: 'direct', title: '', memberIds: [other.id] }),
      make(other, { kind: 'direct', title: '', memberIds: [one.id] }),
      make(one, { kind: 'direct', title: '', memberIds: [other.id, one.id] }),
    ]);
    expect(new Set(both.map(({ body }) => body.conversation.id)).size).toBe(1);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 201]);
    const three = await make(one, { kind: 'direct', title: '', memberIds: [other.id, maja.id] });
    expect(three.status).toBe(201);
  });

  it('is begun anew after somebody was taken out of it in the database', async () => {
    const [one, other] = [await parley.addPerson('One'), await parley.addPerson('Other')];
    const begin = async () => await make(one, { kind: 'direct', title: '', memberIds: [other.id] });
    const before = (await begin()).body.conversation.id;
    await parley.sql('DELETE FROM conversation_participants WHERE conversation_id = $1 AND user_id = $2', [
      before,
      other.id,
    ]);
    const after = await begin();
    expect([after.status, after.body.conversation.memberCount]).toEqual([201, 2]);
    expect(after.body.conversation.id).not.toBe(before);
    expect((await begin()).body.conversation.id).toBe(after.body.conversation.id);
  });

  it('stays with the people it was begun with', async () => {
    const { body } = await make(maja, { kind: 'direct', title: '', memberIds: [kenji.id] });
    const { id } = body.conversation;
    const changes = [
      await call(server.app, `/v1/conversations/${id}/members`, {
        method: 'POST',
        as: maja,
        body: { userIds: [noor.id] },
      }),
      await call(server.app, `/v1/conversations/${id}/members/${maja.id}`, { method: 'DELETE', as: maja }),
      await call(server.app, `/v1/conversations/${id}`, { method: 'PATCH', as: maja, body: { title: 'x' } }),
    ];
    expect(changes.map(({ status }) => status)).toEqual([409, 409, 409]);
  });

  it('shows how far the other has read, and who writes, to its people alone', async () => {
    const { body } = await make(maja, { kind: 'direct', title: '', memberIds: [kenji.id] });
    const { id } = body.conversation;
    const [majas, kenjis, noors] = [
      await openSocket(second.app, maja),
      await openSocket(server.app, kenji),
      await openSocket(server.app, noor),
    ];
    const otherDevices = [await openSocket(server.app, kenji), await openSocket(second.app, kenji)];
    const { seq } = await send(server.app, maja, id, 'did you see the tide?');
    await call(server.app, `/v1/conversations/${id}/read`, { method: 'PUT', as: kenji, body: { seq } });
    const seen = { event: 'seen', data: { conversationId: id, userId: kenji.id, seq } };
    await vi.waitFor(() => expect(majas.heard).toContainEqual(seen), soon);
    for (let time = 0; time < 5; time += 1) kenjis.socket.emit('typing', { conversationId: id });
    noors.socket.emit('typing', { conversationId: id });
    const typing = { event: 'typing', data: { conversationId: id, userId: kenji.id } };
    await vi.waitFor(() => expect(majas.heard).toContainEqual(typing), soon);
    expect(majas.heard.filter(({ event }) => event === 'typing')).toEqual([typing]);
    for (const { heard } of [kenjis, noors, ...otherDevices]) {
      expect(heard.map(({ event }) => event)).not.toContain('typing');
    }
    [majas, kenjis, noors, ...otherDevices].forEach((one) => one.close());
  });
});

describe('people', () => {
  const find = async (query: string) =>
    (await call<Found>(server.app, `/v1/people?${query}`, { as: maja })).body.people;

  it('are found by the beginning of any of their names, without accents, among ten thousand', async () => {
    await parley.sql(
      `INSERT INTO auth.users (email, raw_user_meta_data)
       SELECT 'p' || n || '@parley.example', jsonb_build_object('name', 'Person Number' || n) FROM generate_series(1, 10000) n`,
    );
    for (const words of ['ines', 'INÊS', 'Ine\u0302s', 'duar', 'inês d']) {
      expect((await find(`q=${encodeURIComponent(words)}`)).map(({ name }) => name)).toEqual(['Inês Duarte']);
    }
    expect(await find('q=nês')).toEqual([]);
    expect(await find('q=number')).toHaveLength(20);
    expect(await find(`q=${encodeURIComponent('%_\\')}`)).toEqual([]);
  });

  it('are found by each part of a name, also with one hyphen or quote in it', async () => {
    await parley.addPerson("Anna-Lena O'Brien");
    for (const words of ['anna', 'lena', 'brien', "o'b", 'anna-l', 'Anna-Lena O']) {
      expect((await find(`q=${encodeURIComponent(words)}`)).map(({ name }) => name)).toEqual([
        "Anna-Lena O'Brien",
      ]);
    }
  });

  it('are told without a question as one spoke with them last, then by name', async () => {
    const [asker, before, latest] = [
      await parley.addPerson('Asker'),
      await parley.addPerson('Zoe First'),
      await parley.addPerson('Zoe Second'),
    ];
    const begin = async (other: TestPerson) =>
      (await make(asker, { kind: 'direct', title: '', memberIds: [other.id] })).body.conversation.id;
    const [one, two] = [await begin(before), await begin(latest)];
    const nearest = async () =>
      (await call<Found>(server.app, '/v1/people?limit=3', { as: asker })).body.people.map(
        ({ name }) => name,
      );
    for (let time = 0; time < 3; time += 1) await send(server.app, asker, one, 'hello');
    await send(server.app, asker, two, 'hello');
    expect((await nearest()).slice(0, 2)).toEqual(['Zoe Second', 'Zoe First']);
    await send(server.app, asker, one, 'hello again');
    expect((await nearest()).slice(0, 2)).toEqual(['Zoe First', 'Zoe Second']);
    expect(await nearest()).toHaveLength(3);
  });

  it('are told by id, those that exist', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect((await find(`ids=${kenji.id},${unknown}`)).map(({ name }) => name)).toEqual(['Kenji Mori']);
    expect((await call(server.app, '/v1/people?ids=garbage', { as: maja })).status).toBe(400);
  });

  it('are there while a socket of theirs is open', async () => {
    const person = await parley.addPerson('Present');
    const active = async () =>
      (
        await call<{ active: string[] }>(server.app, '/v1/presence', {
          method: 'POST',
          as: maja,
          body: { ids: [person.id, noor.id] },
        })
      ).body.active;
    expect(await active()).not.toContain(person.id);
    const opened = await openSocket(server.app, person);
    await vi.waitFor(async () => expect(await active()).toContain(person.id), soon);
    expect(await find(`ids=${person.id}`)).toMatchObject([{ isActive: true }]);
    opened.close();
  });
});
