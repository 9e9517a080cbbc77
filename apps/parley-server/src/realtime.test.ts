import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { FEATURES } from './features.ts';
import { CHANNEL } from './queries/notify.ts';
import { call, send } from './testing/client.ts';
import { createDatabaseDoor, type DatabaseDoor } from './testing/database-door.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from './testing/parley-fixture.ts';
import { openSocket, type TestSocket } from './testing/test-socket.ts';

type Server = Awaited<ReturnType<ParleyFixture['startServer']>>;

let parley: ParleyFixture;
let first: Server;
let second: Server;
let ana: TestPerson;
let bo: TestPerson;
const open: TestSocket[] = [];

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer({ sweepIntervalMs: 300 });
  second = await parley.startServer({ sweepIntervalMs: 300 });
  for (const { app } of [first, second]) await app.listen({ port: 0, host: '127.0.0.1' });
  await bothListen();
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
});
afterEach(() => open.splice(0).forEach((socket) => socket.close()));
afterAll(async () => await parley.close());

const WAIT = { timeout: 10_000, interval: 20 };

async function isReady({ app }: Server): Promise<boolean> {
  return (await app.inject('/readyz')).statusCode === 200;
}
async function bothListen(): Promise<void> {
  await vi.waitFor(async () => {
    for (const server of [first, second]) expect(await isReady(server)).toBe(true);
  }, WAIT);
}
const connect = async (server: Server, person: TestPerson): Promise<TestSocket> => {
  const socket = await openSocket(server.app, person);
  open.push(socket);
  return socket;
};
/** Two ways to the database, each with a door of its own. */
async function doors(): Promise<[DatabaseDoor, DatabaseDoor]> {
  const both: [DatabaseDoor, DatabaseDoor] = [
    await createDatabaseDoor(parley.directUrl),
    await createDatabaseDoor(parley.directUrl),
  ];
  onTestFinished(async () => void (await Promise.all(both.map(async (door) => await door.close()))));
  return both;
}
const of = ({ heard }: TestSocket, event: string): Record<string, unknown>[] =>
  heard.filter((entry) => entry.event === event).map(({ data }) => data);

describe('events', () => {
  it('reach the sockets of both processes once and in the order of the messages, whoever sends through which', async () => {
    const room = await parley.addConversation([ana, bo]);
    const sockets = [await connect(first, ana), await connect(second, bo), await connect(second, ana)];
    const senders = [0, 1, 2, 3].map(async (number) => {
      const { app } = number % 2 === 0 ? first : second;
      for (let index = 0; index < 25; index += 1) await send(app, number < 2 ? ana : bo, room, 'hello');
    });
    await Promise.all(senders);
    const expected = Array.from({ length: 100 }, (_, index) => index + 1);
    for (const socket of sockets) {
      await vi.waitFor(() => expect(of(socket, 'message').length).toBeGreaterThanOrEqual(100), WAIT);
      expect(of(socket, 'message').map(({ seq }) => seq)).toEqual(expected);
      expect(of(socket, 'message').map(({ version }) => version)).toEqual(expected);
    }
  });

  it('carry ids and counters, never a text', async () => {
    const room = await parley.addConversation([ana, bo]);
    const socket = await connect(second, bo);
    const { id } = await send(first.app, ana, room, 'secret text');
    await call(first.app, `/v1/messages/${id}`, { method: 'PATCH', as: ana, body: { body: 'secret edit' } });
    await call(first.app, `/v1/messages/${id}`, { method: 'DELETE', as: ana });
    await vi.waitFor(() => expect(of(socket, 'changed')).toHaveLength(2), WAIT);
    expect(socket.heard).toEqual([
      { event: 'message', data: { conversationId: room, seq: 1, id, version: 1 } },
      { event: 'changed', data: { conversationId: room, seq: 1, id, version: 2 } },
      { event: 'changed', data: { conversationId: room, seq: 1, id, version: 3 } },
    ]);
  });

  it('do not reach who is not a member', async () => {
    const room = await parley.addConversation([ana]);
    const inside = await connect(first, ana);
    const shared = await parley.addConversation([ana, bo]);
    const outside = await connect(first, bo);
    await send(second.app, ana, room, 'confidential');
    await send(second.app, ana, shared, 'for both');
    // Events arrive in order: when the later one is there, the earlier one was not sent to this socket.
    await vi.waitFor(() => expect(of(outside, 'message')).not.toEqual([]), WAIT);
    expect(of(outside, 'message').map(({ conversationId }) => conversationId)).toEqual([shared]);
    await vi.waitFor(() => expect(of(inside, 'message')[0]).toMatchObject({ conversationId: room }), WAIT);
  });

  it('of a new conversation reach its members without a new connection, on both processes', async () => {
    const [onFirst, onSecond] = [await connect(first, ana), await connect(second, bo)];
    const created = await call<{ conversation: { id: string } }>(first.app, '/v1/conversations', {
      method: 'POST',
      as: ana,
      body: { kind: 'channel', title: 'new', memberIds: [bo.id] },
    });
    const room = created.body.conversation.id;
    let sent = 0;
    await vi.waitFor(async () => {
      await send(first.app, ana, room, `try ${(sent += 1)}`);
      for (const socket of [onFirst, onSecond]) {
        expect(of(socket, 'message').some(({ conversationId }) => conversationId === room)).toBe(true);
      }
    }, WAIT);
  });

  it('tell a person’s other devices what was read', async () => {
    const room = await parley.addConversation([ana, bo]);
    await send(first.app, ana, room, 'hello');
    const [device, other] = [await connect(second, bo), await connect(first, ana)];
    await call(first.app, `/v1/conversations/${room}/read`, { method: 'PUT', as: bo, body: { seq: 1 } });
    await vi.waitFor(() => expect(of(device, 'read')).toEqual([{ conversationId: room, seq: 1 }]), WAIT);
    expect(of(other, 'read')).toEqual([]);
  });

  it('tell the sockets of a process that flags changed', async () => {
    const socket = await connect(first, ana);
    first.flags.publish([FEATURES.MULTI_AGENT]);
    await vi.waitFor(() => expect(of(socket, 'flags')).toEqual([{}]), WAIT);
  });
});

describe('who is taken into a conversation that others have begun', () => {
  it('is shown its newest message, and the others are not shown it again', async () => {
    const room = await parley.addConversation([ana]);
    const [early, late] = [await connect(first, ana), await connect(first, bo)];
    const { seq, id } = await send(second.app, ana, room, 'without Bo');
    await vi.waitFor(() => expect(of(early, 'message')).toHaveLength(1), WAIT);
    await parley.sql('INSERT INTO conversation_participants (conversation_id, user_id) VALUES ($1, $2)', [
      room,
      bo.id,
    ]);
    const shown = { conversationId: room, seq, id, version: 1 };
    await vi.waitFor(() => expect(of(late, 'message')).toEqual([shown]), WAIT);
    const next = await send(second.app, ana, room, 'with Bo');
    for (const socket of [early, late]) {
      await vi.waitFor(
        () => expect(of(socket, 'message').map((event) => event['seq'])).toContain(next.seq),
        WAIT,
      );
      expect(of(socket, 'message').map((event) => event['seq'])).toEqual([seq, next.seq]);
    }
  });
});

describe('sessions', () => {
  it('are needed to connect', async () => {
    const stranger = { ...ana, token: 'A'.repeat(43) };
    await expect(openSocket(first.app, stranger)).rejects.toMatchObject({
      data: { code: 'unauthenticated' },
    });
  });

  it('take their sockets with them when they end, on every process, and no others', async () => {
    const person = await parley.addPerson('Leaving');
    const ending = [await connect(first, person), await connect(second, person)];
    const staying = await connect(second, ana);
    await call(first.app, '/v1/logout', { method: 'POST', as: person });
    for (const socket of ending) {
      await vi.waitFor(() => expect(socket.socket.connected).toBe(false), WAIT);
      expect(of(socket, 'session_ended')).toEqual([{}]);
    }
    expect(staying.socket.connected).toBe(true);
    await expect(openSocket(first.app, person)).rejects.toThrow(/session/);
  });

  it('that expire or are revoked behind our back lose their sockets soon', async () => {
    const person = await parley.addPerson('Expiring');
    const socket = await connect(first, person);
    await parley.sql('UPDATE parley.sessions SET expires_at = now() WHERE user_id = $1', [person.id]);
    await vi.waitFor(() => expect(socket.socket.connected).toBe(false), WAIT);
    expect(of(socket, 'session_ended')).toEqual([{}]);
  });
});

describe('when the database ends its connections', () => {
  it('listens again by itself, says meanwhile that it is not ready, and tells what was missed', async () => {
    const room = await parley.addConversation([ana, bo]);
    await send(first.app, ana, room, 'before');
    const socket = await connect(first, bo);
    await parley.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'parley' AND datname = current_database() AND query IN ('SELECT 1', $1)`,
      [`LISTEN "${CHANNEL}"`],
    );
    await vi.waitFor(async () => expect(await isReady(first)).toBe(false), WAIT);
    const { seq } = await send(first.app, ana, room, 'while nobody listens');
    await bothListen();
    await vi.waitFor(() => expect(of(socket, 'message').map((event) => event['seq'])).toContain(seq), WAIT);
    const timesHeard = (number: number): number =>
      of(socket, 'message').filter((event) => event['seq'] === number).length;
    // Telling of what was missed may show the newest message a second time; afterwards each comes once.
    await vi.waitFor(async () => {
      const [after, next] = [
        await send(second.app, ana, room, 'after'),
        await send(second.app, ana, room, 'next'),
      ];
      await vi.waitFor(() => expect(timesHeard(next.seq)).toBeGreaterThan(0), WAIT);
      expect(timesHeard(after.seq)).toBe(1);
    }, WAIT);
  });

  it('tells of conversations that began while nobody listened', async () => {
    const before = await parley.addConversation([ana, bo]);
    await send(first.app, ana, before, 'hello');
    const socket = await connect(first, bo);
    await send(first.app, ana, before, 'heard');
    await vi.waitFor(() => expect(of(socket, 'message')).toHaveLength(1), WAIT);
    // Made behind the servers' backs: nobody announces it, as when the announcement got lost.
    const room = await parley.addConversation([ana, bo]);
    const { seq } = await send(second.app, ana, room, 'unheard');
    await parley.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley' AND datname = current_database()",
    );
    const heard = expect.objectContaining({ conversationId: room, seq }) as unknown;
    await vi.waitFor(() => expect(of(socket, 'message')).toContainEqual(heard), WAIT);
  });

  it('tells what was missed also when it could ask nobody at the moment at which it listened again', async () => {
    const [events, questions] = await doors();
    const logged: string[] = [];
    const behind = await parley.startServer({
      connectionString: questions.url,
      directConnectionString: events.url,
      logger: { level: 'warn', stream: { write: (line) => void logged.push(line) } },
    });
    await behind.app.listen({ port: 0, host: '127.0.0.1' });
    await vi.waitFor(async () => expect(await isReady(behind)).toBe(true), WAIT);
    const cem = await parley.addPerson('Cem');
    const room = await parley.addConversation([ana, cem]);
    const socket = await connect(behind, cem);
    await Promise.all([events.shut(), questions.shut()]);
    const { seq } = await send(second.app, ana, room, 'while nobody listens');
    await events.open();
    const failed = expect.stringContaining('what they may have missed failed') as unknown;
    await vi.waitFor(() => expect(logged).toContainEqual(failed), WAIT);
    expect(of(socket, 'message')).toEqual([]);
    await questions.open();
    await vi.waitFor(() => expect(of(socket, 'message').map((event) => event['seq'])).toEqual([seq]), WAIT);
    await behind.app.close();
  });

  it('survives losing every connection at once, many times', async () => {
    const room = await parley.addConversation([ana, bo]);
    for (let round = 0; round < 3; round += 1) {
      await parley.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley' AND datname = current_database()",
      );
      await bothListen();
    }
    const socket = await connect(second, bo);
    const { seq } = await send(first.app, ana, room, 'still here');
    await vi.waitFor(() => expect(of(socket, 'message').map((event) => event['seq'])).toEqual([seq]), WAIT);
  });
});
