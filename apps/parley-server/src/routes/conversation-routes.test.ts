import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ParleyServer } from '../server.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let server: ParleyServer;

beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer();
});
afterAll(async () => await parley.close());

type Listed = {
  id: string;
  kind: string;
  title: string;
  topic: string;
  lastSeq: number;
  lastReadSeq: number;
  unread: number;
  version: number;
  memberCount: number;
  role: string;
  others: { id: string; name: string }[];
  lastMessage: { senderName: string; excerpt: string; isDeleted: boolean } | null;
};

const list = async (as: TestPerson): Promise<Listed[]> =>
  (await call<{ conversations: Listed[] }>(server.app, '/v1/conversations', { as })).body.conversations;
const create = async (as: TestPerson, body: object) =>
  await call<{ conversation: Listed; error: { field: string } }>(server.app, '/v1/conversations', {
    method: 'POST',
    as,
    body,
  });
const markRead = async (as: TestPerson, id: string, seq: number): Promise<number> => {
  const answer = await call<{ lastReadSeq: number }>(server.app, `/v1/conversations/${id}/read`, {
    method: 'PUT',
    as,
    body: { seq },
  });
  expect(answer.status).toBe(200);
  return answer.body.lastReadSeq;
};

describe('listing', () => {
  it('puts the newest activity first', async () => {
    const ana = await parley.addPerson('Ana');
    const quiet = await parley.addConversation([ana], 'quiet');
    const busy = await parley.addConversation([ana], 'busy');
    await send(server.app, ana, busy, 'hello');
    await send(server.app, ana, quiet, 'after all');
    expect((await list(ana)).map(({ title }) => title)).toEqual(['quiet', 'busy']);
  });

  it('shows the newest message on one line, with names, and says when it was deleted', async () => {
    const [ana, bo] = [await parley.addPerson('Ana'), await parley.addPerson('Bo')];
    const room = await parley.addConversation([ana, bo]);
    expect((await list(bo))[0]?.lastMessage).toBeNull();
    const { id } = await send(server.app, ana, room, `<@${bo.id}>,\n\n**look** at <@${randomUUID()}>`);
    expect((await list(bo))[0]?.lastMessage).toMatchObject({
      senderName: 'Ana',
      excerpt: '@Bo, **look** at @Someone',
      isDeleted: false,
    });
    await send(server.app, ana, room, 'x'.repeat(5_000));
    expect((await list(bo))[0]?.lastMessage?.excerpt).toHaveLength(140);
    const last = await send(server.app, ana, room, 'last');
    for (const gone of [id, last.id])
      await call(server.app, `/v1/messages/${gone}`, { method: 'DELETE', as: ana });
    expect((await list(bo))[0]?.lastMessage).toMatchObject({ excerpt: '', isDeleted: true });
  });

  it('counts members as they come and go', async () => {
    const people = await Promise.all(
      ['Ana', 'Bo', 'Cem', 'Dina'].map(async (name) => await parley.addPerson(name)),
    );
    const [ana, bo] = [await parley.addPerson('Ana'), await parley.addPerson('Bo')];
    const room = await parley.addConversation([ana, bo, ...people]);
    const other = await parley.addConversation([ana]);
    const counts = async (): Promise<Record<string, number>> =>
      Object.fromEntries((await list(ana)).map(({ id, memberCount }) => [id, memberCount]));
    expect(await counts()).toEqual({ [room]: 6, [other]: 1 });
    await parley.sql(
      `INSERT INTO conversation_participants (conversation_id, user_id)
       SELECT c, $3 FROM unnest(ARRAY[$1, $2]::uuid[]) c ON CONFLICT DO NOTHING`,
      [room, other, bo.id],
    );
    await parley.sql('DELETE FROM auth.users WHERE id = $1', [people[0]?.id]);
    expect(await counts()).toEqual({ [room]: 5, [other]: 2 });
  });

  it('counts what is unread: everything after the read mark', async () => {
    const ana = await parley.addPerson('Ana');
    const bo = await parley.addPerson('Bo');
    const room = await parley.addConversation([ana, bo]);
    for (const body of ['one', 'two', 'three']) await send(server.app, ana, room, body);
    expect(await list(bo)).toMatchObject([{ id: room, lastSeq: 3, lastReadSeq: 0, unread: 3, version: 3 }]);
    expect(await list(ana)).toMatchObject([{ unread: 0 }]);
    expect(await markRead(bo, room, 2)).toBe(2);
    expect(await list(bo)).toMatchObject([{ lastReadSeq: 2, unread: 1 }]);
  });

  it('never moves a read mark back, nor past the newest message', async () => {
    const ana = await parley.addPerson('Ana');
    const room = await parley.addConversation([ana]);
    await send(server.app, ana, room, 'one');
    await send(server.app, ana, room, 'two');
    expect(await markRead(ana, room, 1)).toBe(2);
    expect(await markRead(ana, room, 999)).toBe(2);
  });

  it('answers with the mark that is there, also when another device was quicker', async () => {
    const ana = await parley.addPerson('Ana');
    const bo = await parley.addPerson('Bo');
    const room = await parley.addConversation([ana, bo]);
    for (let index = 0; index < 9; index += 1) await send(server.app, bo, room, 'hello');
    const other = new pg.Client({ connectionString: parley.url });
    await other.connect();
    await other.query('BEGIN');
    await other.query('UPDATE conversation_participants SET last_read_seq = 8 WHERE user_id = $1', [ana.id]);
    const marking = markRead(ana, room, 5);
    await vi.waitFor(async () => {
      const waiting = await parley.sql(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      expect(waiting).toHaveLength(1);
    }, 10_000);
    await other.query('COMMIT');
    await other.end();
    expect(await marking).toBe(8);
  });
});

describe('creating', () => {
  it('makes the asker its owner, and the others members', async () => {
    const ana = await parley.addPerson('Ana');
    const bo = await parley.addPerson('Bo');
    const { status, body } = await create(ana, {
      kind: 'channel',
      title: 'tram-7',
      topic: 'line 7',
      memberIds: [bo.id, bo.id],
    });
    expect(status).toBe(201);
    expect(body.conversation).toEqual({
      id: body.conversation.id,
      kind: 'channel',
      title: 'tram-7',
      topic: 'line 7',
      lastSeq: 0,
      lastReadSeq: 0,
      unread: 0,
      version: 0,
      muted: false,
      mentions: 0,
      memberCount: 2,
      role: 'owner',
      joinable: false,
      others: [],
      lastMessage: null,
    });
    expect(await list(bo)).toMatchObject([{ id: body.conversation.id }]);
    const roles = await parley.sql(
      'SELECT user_id, role FROM conversation_participants WHERE conversation_id = $1',
      [body.conversation.id],
    );
    expect(roles).toContainEqual({ user_id: ana.id, role: 'owner' });
    expect(roles).toContainEqual({ user_id: bo.id, role: 'member' });
  });

  it('calls a direct conversation by the other person', async () => {
    const ana = await parley.addPerson('Ana');
    const bo = await parley.addPerson('Bo');
    await create(ana, { kind: 'direct', title: '', memberIds: [bo.id] });
    expect(await list(ana)).toMatchObject([
      { kind: 'direct', title: 'Bo', others: [{ id: bo.id, name: 'Bo' }] },
    ]);
    expect(await list(bo)).toMatchObject([{ kind: 'direct', title: 'Ana', role: 'member' }]);
  });

  it('creates nothing when a member is unknown', async () => {
    const ana = await parley.addPerson('Ana');
    const { status, body } = await create(ana, {
      kind: 'channel',
      title: 'ghosts',
      memberIds: [randomUUID()],
    });
    expect(status).toBe(400);
    expect(body.error.field).toBe('memberIds');
    expect(await list(ana)).toEqual([]);
  });
});
