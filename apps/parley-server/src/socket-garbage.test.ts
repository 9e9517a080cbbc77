import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { notifyRoom } from './queries/notify.ts';
import { call, send } from './testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from './testing/parley-fixture.ts';
import { openRawSocket, type RawSocket } from './testing/raw-socket.ts';
import { openSocket, type TestSocket } from './testing/test-socket.ts';

vi.setConfig({ testTimeout: 120_000 });
const WAIT = { timeout: 60_000, interval: 20 };
const numRuns = Number(process.env['CROSSFADE_FUZZ_RUNS'] ?? 40);

type Server = Awaited<ReturnType<ParleyFixture['startServer']>>;

let parley: ParleyFixture;
let server: Server;
let port: number;
let ana: TestPerson;
let room: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer({ sweepIntervalMs: 200 });
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  const address = server.app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server listens at no port');
  port = address.port;
  ana = await parley.addPerson('Ana');
  room = await parley.addConversation([ana]);
});
beforeEach(async () => {
  await vi.waitUntil(async () => (await sockets()) === 0, WAIT);
});
afterAll(async () => await parley.close());

/** As the server counts them. */
async function sockets(): Promise<number> {
  const { body } = await server.app.inject('/metrics');
  return Number(/^parley_sockets (\d+)/m.exec(body)?.[1]);
}
async function connections(): Promise<number> {
  return await new Promise((resolve, reject) =>
    server.app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
}
async function raw(): Promise<RawSocket> {
  const socket = await openRawSocket(port);
  onTestFinished(() => socket.end());
  return socket;
}
async function connect(person: TestPerson): Promise<TestSocket> {
  const socket = await openSocket(server.app, person);
  onTestFinished(() => socket.close());
  return socket;
}
/** Large events in our room, each of them another. */
async function announce(first: number, count: number): Promise<void> {
  const event = "json_build_object('conversationId', $1::text, 'seq', i, 'filler', repeat('x', 7000))";
  const sql = notifyRoom('message', "'c:' || $1", event);
  await parley.sql(`SELECT ${sql} FROM generate_series($2::int, $2::int + $3::int - 1) AS i`, [
    room,
    first,
    count,
  ]);
}
/** Whoever comes properly is let in. */
async function serves(): Promise<boolean> {
  const person = await openSocket(server.app, ana);
  person.close();
  return person.heard.length === 0;
}

describe('who does not say whose socket it is', () => {
  it.each([
    ['nothing', '40'],
    ['garbage', '40{"token":"garbage"}'],
    ['no text', '40{"token":{"$gt":""}}'],
    ['a list', '40[]'],
    ['null', '40null'],
    ['an unknown token', `40{"token":"${'A'.repeat(43)}"}`],
    ['a prototype', '40{"__proto__":{"token":"x"}}'],
  ])('is not let in: %s', async (_what, said) => {
    const socket = await raw();
    socket.say(said);
    await vi.waitFor(() => {
      const refused = socket.heard().includes('"code":"unauthenticated"');
      expect(refused || socket.isClosed()).toBe(true);
    }, WAIT);
    expect(await sockets()).toBe(0);
    socket.end();
    expect(await serves()).toBe(true);
  });

  it('may not ask for it a thousand times at once', async () => {
    const socket = await raw();
    for (let index = 0; index < 1_000; index += 1) socket.say(`40{"token":"${ana.token}"}`);
    await socket.closed;
    expect(await sockets()).toBe(0);
    expect(await serves()).toBe(true);
  });
});

it('says in the log what it did not foresee, and nothing of it to who asks', async () => {
  const logged: string[] = [];
  const { app } = await parley.startServer({
    logger: { level: 'error', stream: { write: (line) => void logged.push(line) } },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  await parley.sql('ALTER TABLE parley.sessions RENAME TO elsewhere');
  const refused = openSocket(app, ana).catch((error: unknown) => error);
  expect(await refused).toMatchObject({ message: 'Something went wrong on our side' });
  await parley.sql('ALTER TABLE parley.elsewhere RENAME TO sessions');
  expect(logged).toEqual([expect.stringMatching(/parley\.sessions.*letting a socket in failed/)]);
  await app.close();
});

describe('frames', () => {
  it.each([
    ['an event that nobody knows', '42["message",{"conversationId":"x"}]'],
    ['a thousand of them', ...Array.from({ length: 1_000 }, () => '42["typing",{}]')],
    ['answers to nothing', ...Array.from({ length: 1_000 }, (_, index) => `43${index}[]`)],
    ['other rooms', ...Array.from({ length: 1_000 }, (_, index) => `40/room-${index},`)],
    ['an event without an end', '42["a",{'],
    ['an event that is none', '42{}'],
    ['a reserved event', '42["disconnect"]'],
    ['a packet of no type', '99'],
    ['attachments that never come', '45100-["a",{"_placeholder":true,"num":0}]'],
    ['too much at once', `42["a","${'x'.repeat(20_000)}"]`],
    ['lists in lists', `42["a",${'['.repeat(4_000)}${']'.repeat(4_000)}]`],
    ['an event for a prototype', '42["__proto__",{"__proto__":1}]'],
  ])('%s: harms nobody', async (_what, ...said) => {
    const socket = await raw();
    const other = await connect(ana);
    socket.say(`40{"token":"${ana.token}"}`);
    await vi.waitFor(() => expect(socket.heard()).toContain('40{"sid"'), WAIT);
    for (const text of said) socket.say(text);
    const { seq } = await send(server.app, ana, room, 'hello');
    const event: unknown = expect.objectContaining({ data: expect.objectContaining({ seq }) as unknown });
    await vi.waitFor(() => expect(other.heard).toContainEqual(event), WAIT);
    if (said.length > 20) await socket.closed;
    socket.end();
    other.close();
  });

  it('of anything at all harm nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.toWellFormed()),
            fc.jsonValue().map((value) => `42${JSON.stringify([value, value])}`),
            fc.jsonValue().map((value) => `40${JSON.stringify(value)}`),
          ),
          { minLength: 1, maxLength: 5 },
        ),
        async (said) => {
          const socket = await openRawSocket(port);
          said.forEach((text) => socket.say(text));
          socket.sayGoodbye();
          await socket.closed;
        },
      ),
      { numRuns },
    );
    expect(await serves()).toBe(true);
  });
});

it('a client that reads nothing is let go, and costs a bounded amount of memory', async () => {
  const deaf = await raw();
  deaf.say(`40{"token":"${ana.token}"}`);
  await vi.waitFor(() => expect(deaf.heard()).toContain('40{"sid"'), WAIT);
  deaf.stopReading();
  // More than what the network between us takes by itself, and far more than may wait here.
  for (let round = 0; round < 8 && (await sockets()) > 0; round += 1) await announce(round * 1_000, 1_000);
  // Sooner than a ping without an answer would tell.
  await vi.waitFor(async () => expect(await sockets()).toBe(0), { timeout: 20_000, interval: 50 });
  deaf.end();
  await vi.waitFor(async () => expect(await connections()).toBe(0), WAIT);
});

it('a storm of connections that come and go leaves nothing behind', async () => {
  for (let round = 0; round < 5; round += 1) {
    const opened = await Promise.all(Array.from({ length: 40 }, async () => await openRawSocket(port)));
    for (const [index, socket] of opened.entries()) {
      socket.say(`40{"token":"${ana.token}"}`);
      if (index % 2 === 0) socket.end();
    }
    opened.forEach((socket) => socket.end());
  }
  await vi.waitFor(async () => expect([await sockets(), await connections()]).toEqual([0, 0]), WAIT);
  const socket = await connect(ana);
  const { seq } = await send(server.app, ana, room, 'after the storm');
  await vi.waitFor(() => expect(socket.heard.map(({ data }) => data['seq'])).toContain(seq), WAIT);
  socket.close();
});

describe('who is taken out of a conversation', () => {
  it('hears of it no more, while the socket and other conversations stay', async () => {
    const bo = await parley.addPerson('Bo');
    const [left, kept] = [await parley.addConversation([ana, bo]), await parley.addConversation([ana, bo])];
    const socket = await connect(bo);
    const heardOf = (id: string): number =>
      socket.heard.filter(({ event, data }) => event === 'message' && data['conversationId'] === id).length;
    await send(server.app, ana, left, 'with Bo');
    await vi.waitFor(() => expect(heardOf(left)).toBe(1), WAIT);
    await parley.sql('DELETE FROM conversation_participants WHERE conversation_id = $1 AND user_id = $2', [
      left,
      bo.id,
    ]);
    // Events arrive in order: when the one of the other conversation is there, the first would be, too.
    await vi.waitFor(async () => {
      const [before, after] = [heardOf(left), heardOf(kept)];
      await send(server.app, ana, left, 'without Bo');
      await send(server.app, ana, kept, 'with Bo');
      await vi.waitFor(() => expect(heardOf(kept)).toBe(after + 1), WAIT);
      expect(heardOf(left)).toBe(before);
    }, WAIT);
    expect(socket.socket.connected).toBe(true);
  });

  it('does not lose a conversation that begins while memberships are compared', async () => {
    const bo = await parley.addPerson('Bo');
    const socket = await connect(bo);
    for (let index = 0; index < 20; index += 1) {
      const created = await call<{ conversation: { id: string } }>(server.app, '/v1/conversations', {
        method: 'POST',
        as: ana,
        body: { kind: 'channel', title: `new ${index}`, memberIds: [bo.id] },
      });
      const { id } = created.body.conversation;
      let sent = 0;
      await vi.waitFor(async () => {
        await send(server.app, ana, id, `try ${(sent += 1)}`);
        expect(socket.heard.some(({ data }) => data['conversationId'] === id)).toBe(true);
      }, WAIT);
      const before = socket.heard.length;
      await send(server.app, ana, id, 'again');
      await vi.waitFor(() => expect(socket.heard.length).toBeGreaterThan(before), WAIT);
    }
  });
});
