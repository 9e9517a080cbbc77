import { once } from 'node:events';
import { connect } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { STOP_LIMIT_MS } from './commands/stop-on-signals.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { ParleyServer } from './server.ts';
import { call, send } from './testing/client.ts';
import { createDatabaseDoor, type DatabaseDoor } from './testing/database-door.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from './testing/parley-fixture.ts';
import { listening, type ParleyProcess, startProcess } from './testing/parley-process.ts';
import { createPoolerDoor } from './testing/pooler-door.ts';
import { openRawSocket } from './testing/raw-socket.ts';
import { openSocket } from './testing/test-socket.ts';

vi.setConfig({ testTimeout: 120_000 });
/** Only ends a test that hangs. */
const WAIT = { timeout: 60_000, interval: 50 };
/** As in a real server, but in a tenth of the time. */
const SHORT: Limits = {
  request: { ...LIMITS.request, answerMs: 900 },
  database: { connectMs: 300, statementMs: 500, answerMs: 600, goodbyeMs: 100 },
  listening: { connectMs: 300, answerMs: 200, goodbyeMs: 50, watchMs: 500 },
};
/** For a machine that is busy with other things; without our limits, nothing of this would ever end. */
const ANSWER_MS = SHORT.request.answerMs + 6_000;

let parley: ParleyFixture;
let ana: TestPerson;
let room: string;
let door: DatabaseDoor;
const processes: ParleyProcess[] = [];

beforeAll(async () => {
  parley = await createParleyFixture();
  ana = await parley.addPerson('Ana');
  room = await parley.addConversation([ana]);
});
afterEach(async () => {
  processes.splice(0).forEach(({ child }) => child.kill('SIGKILL'));
});
afterAll(async () => await parley.close());

type Failure = { error: { code: string; message: string } };
type Ready = { checks: { database: { ok: boolean }; realtime: { ok: boolean } } };
const MESSAGE = { method: 'POST' as const, body: { clientId: 'once', body: 'hello' } };

/** Somebody who took the conversation's lock and does not let go. */
async function holdLock(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: parley.directUrl });
  await client.connect();
  onTestFinished(async () => await client.end());
  await client.query('BEGIN');
  await client.query('SELECT FROM conversations WHERE id = $1 FOR UPDATE', [room]);
  return client;
}

/** With so short limits, a busy machine may miss one once. */
async function serves(app: ParleyServer['app']): Promise<void> {
  await vi.waitFor(async () => expect((await call(app, '/v1/me', { as: ana })).status).toBe(200), WAIT);
}

async function whoWaits(): Promise<number> {
  const rows = await parley.sql(
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
  );
  return rows.length;
}

it('the limits are those of the promise, and leave time for each other', () => {
  const { request, database, listening: events } = LIMITS;
  expect(request.headersMs).toBe(10_000);
  expect(request.wholeMs).toBe(15_000);
  expect(request.fileMs).toBe(120_000);
  expect(request.silentMs).toBe(30_000);
  expect(request.answerMs).toBe(9_000);
  // The database ends a statement before we give it up, and both before the request is given up.
  expect(database.statementMs).toBeLessThan(database.answerMs);
  expect(database.connectMs + database.answerMs).toBeLessThanOrEqual(request.answerMs);
  // A dead connection is asked after this at the latest, and made anew when it gave no answer.
  expect(events.watchMs + events.answerMs + events.connectMs).toBeLessThanOrEqual(10_000);
  expect(database.goodbyeMs + events.goodbyeMs).toBeLessThan(STOP_LIMIT_MS);
  expect(STOP_LIMIT_MS).toBe(4_000);
});

describe('a lock that nobody lets go', () => {
  it.each([
    ['the server ends the statement', async () => ({ url: parley.url, close: async () => {} })],
    ['behind a pooler, it is cancelled', async () => await createPoolerDoor(parley.directUrl)],
  ])('costs a request its answer, and the database nothing: %s', async (_how, open) => {
    const way = await open();
    const { app } = await parley.startServer({ connectionString: way.url, limits: SHORT });
    const holder = await holdLock();
    const startedMs = performance.now();
    const refused = await call<Failure>(app, `/v1/conversations/${room}/messages`, { ...MESSAGE, as: ana });
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect(refused.headers['retry-after']).toBe('1');
    expect(performance.now() - startedMs).toBeLessThan(ANSWER_MS);
    // Nobody waits any more on behalf of a request that was answered.
    await vi.waitFor(async () => expect(await whoWaits()).toBe(0), WAIT);
    await holder.query('ROLLBACK');
    await serves(app);
    const stored = await parley.sql('SELECT 1 FROM messages WHERE conversation_id = $1', [room]);
    expect(stored).toEqual([]);
    await app.close();
    await way.close();
  });
});

it('every request is answered in time, whatever it waits for, also one with a body', async () => {
  const { app } = await parley.startServer({
    limits: { ...LIMITS, request: { ...LIMITS.request, answerMs: 300 } },
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const holder = await holdLock();
  const answer = await fetch(`${url}/v1/conversations/${room}/messages`, {
    method: 'POST',
    headers: { ...ana.authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ clientId: 'in-time', body: 'hello' }),
  });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(await answer.json()).toMatchObject({ error: { message: 'This took too long: try again shortly' } });
  // Answered while it still waits: nobody has to know why.
  expect(await whoWaits()).toBe(1);
  await holder.query('ROLLBACK');
  await vi.waitFor(async () => expect(await whoWaits()).toBe(0), WAIT);
  await app.close();
});

describe('a network that swallows everything', () => {
  beforeAll(async () => {
    door = await createDatabaseDoor(parley.directUrl);
  });
  afterEach(async () => await door.open());
  afterAll(async () => await door.close());

  it('keeps each request waiting for a while, says that it is not ready, and is over when it is over', async () => {
    const { app } = await parley.startServer({ connectionString: door.url, limits: SHORT });
    await vi.waitFor(async () => expect((await call(app, '/readyz')).status).toBe(200), WAIT);
    door.stall();
    const startedMs = performance.now();
    // More than there are connections: the others wait for one in vain.
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => await call<Failure>(app, '/v1/me', { as: ana })),
    );
    expect(performance.now() - startedMs).toBeLessThan(ANSWER_MS);
    for (const { status, body, headers } of answers) {
      expect({ status, code: body.error.code, after: headers['retry-after'] }).toEqual({
        status: 503,
        code: 'unavailable',
        after: '1',
      });
    }
    expect((await call(app, '/readyz')).status).toBe(503);
    await door.open();
    await vi.waitFor(async () => expect((await call(app, '/readyz')).status).toBe(200), WAIT);
    await serves(app);
    door.stall();
    const closingMs = performance.now();
    await app.close();
    expect(performance.now() - closingMs).toBeLessThan(ANSWER_MS);
  });

  it('on the way of the events alone leaves requests alone', async () => {
    const { app } = await parley.startServer({ directConnectionString: door.url, limits: SHORT });
    await vi.waitFor(async () => expect((await call(app, '/readyz')).status).toBe(200), WAIT);
    door.stall();
    const { body } = await vi.waitFor(async () => {
      const answer = await call<Ready>(app, '/readyz');
      expect(answer.status).toBe(503);
      return answer;
    }, WAIT);
    expect(body.checks.realtime.ok).toBe(false);
    await serves(app);
    await door.open();
    await vi.waitFor(async () => expect((await call(app, '/readyz')).status).toBe(200), WAIT);
    await app.close();
  });
});

describe('nobody waits longer than what is promised', () => {
  it('for events, when their connection dies while many ask whether all is well', async () => {
    door = await createDatabaseDoor(parley.directUrl);
    onTestFinished(async () => await door.close());
    const logged: string[] = [];
    const { app } = await parley.startServer({
      directConnectionString: door.url,
      // Time enough for an answer on a busy machine, and too much for one question after another.
      limits: { ...SHORT, listening: { ...SHORT.listening, answerMs: LIMITS.listening.answerMs } },
      logger: { level: 'warn', stream: { write: (line) => void logged.push(line) } },
    });
    await vi.waitFor(async () => expect((await call(app, '/readyz')).status).toBe(200), WAIT);
    logged.splice(0);
    door.stall();
    const answers: Promise<unknown>[] = [];
    const probes = setInterval(() => answers.push(call(app, '/readyz')), 10);
    const lost = expect.stringContaining('the connection for realtime events was lost') as unknown;
    await vi.waitFor(() => expect(logged).toContainEqual(lost), WAIT);
    await door.open();
    await vi.waitFor(async () => expect((await call(app, '/readyz')).status).toBe(200), WAIT);
    clearInterval(probes);
    await Promise.all(answers);
    // One question was enough. With one for each who asked, those behind it would each wait for their own.
    expect(logged.filter((line) => line.includes('does not answer'))).toHaveLength(1);
    await app.close();
  });
});

describe('behind a pooler', () => {
  it('everything works with the way to the server itself, and without it one thing is missing, and said', async () => {
    const pooler = await createPoolerDoor(parley.directUrl);
    const { app } = await parley.startServer({
      connectionString: pooler.url,
      directConnectionString: parley.directUrl,
    });
    await vi.waitFor(async () => expect((await call(app, '/readyz')).status).toBe(200), WAIT);
    expect(pooler.turnedAway()).toBeGreaterThan(0);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const other = await parley.addConversation([ana]);
    const socket = await openSocket(app, ana);
    const { id } = await send(app, ana, other, 'hello');
    const event: unknown = expect.objectContaining({
      event: 'message',
      data: expect.objectContaining({ id }),
    });
    await vi.waitFor(() => expect(socket.heard).toContainEqual(event), WAIT);
    socket.close();
    const without = startProcess(['serve', '--port', '0'], {
      DATABASE_URL: pooler.url,
      DATABASE_DIRECT_URL: '',
    });
    processes.push(without);
    const url = await listening(without);
    await vi.waitFor(() => expect(without.stderr()).toContain('expected DATABASE_DIRECT_URL'), WAIT);
    const me = await fetch(`${url}/v1/me`, { headers: ana.authorization });
    expect(me.status).toBe(200);
    const ready = await fetch(`${url}/readyz`);
    expect(await ready.json()).toMatchObject({ checks: { realtime: { ok: false } } });
    without.child.kill('SIGTERM');
    expect(await without.ended).toBe(0);
    // Said once, however often it was tried.
    expect(without.stderr().match(/not listening for realtime events/g)).toHaveLength(1);
    await app.close();
    await pooler.close();
  });
});

/** A log. */
const linesOf = (text: string): { time: number; msg: string }[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { time: number; msg: string });

describe('stopping', () => {
  beforeAll(async () => {
    door = await createDatabaseDoor(parley.directUrl);
  });
  afterEach(async () => await door.open());
  afterAll(async () => await door.close());

  async function serve(url: string): Promise<ParleyProcess & { url: string }> {
    const server = startProcess(['serve', '--port', '0'], { DATABASE_URL: url, DATABASE_DIRECT_URL: '' });
    processes.push(server);
    const address = await listening(server);
    await vi.waitFor(async () => expect((await fetch(`${address}/readyz`)).status).toBe(200), WAIT);
    return { ...server, url: address };
  }
  const ask = async (url: string, clientId: string): Promise<number> => {
    const answer = await fetch(`${url}/v1/conversations/${room}/messages`, {
      method: 'POST',
      headers: { ...ana.authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ clientId, body: 'hello' }),
    });
    return answer.status;
  };

  it('finishes the request it has, takes no other, and sends sockets elsewhere', async () => {
    const server = await serve(parley.directUrl);
    const { socket, heard } = await openSocket(server.url, ana);
    const reason = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    const holder = await holdLock();
    const answer = ask(server.url, 'in-flight');
    await vi.waitFor(async () => expect(await whoWaits()).toBe(1), WAIT);
    // As a browser that expects to ask something soon.
    const silent = connect(Number(new URL(server.url).port), '127.0.0.1');
    const closed = once(silent, 'close');
    await once(silent, 'connect');
    server.child.kill('SIGTERM');
    // Not "io server disconnect", after which a client would not come back by itself.
    expect(await reason).toBe('transport close');
    expect(heard).toContainEqual({ event: 'stopping', data: {} });
    await vi.waitFor(
      async () => await expect(fetch(`${server.url}/livez`)).rejects.toThrow('fetch failed'),
      WAIT,
    );
    await closed;
    await holder.query('ROLLBACK');
    expect(await answer).toBe(201);
    expect(await server.ended).toBe(0);
    expect(server.stderr()).not.toContain('still not done');
  });

  it('tells who comes while it is not done yet to try again, in the words of every other refusal', async () => {
    const events = await createDatabaseDoor(parley.directUrl);
    onTestFinished(async () => await events.close());
    const { app } = await parley.startServer({
      directConnectionString: events.url,
      limits: { ...LIMITS, listening: { ...LIMITS.listening, goodbyeMs: 10_000 } },
    });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), WAIT);
    events.stall();
    const closing = app.close();
    const answer = await vi.waitFor(async () => {
      const late = await fetch(`${url}/livez`);
      expect(late.status).toBe(503);
      return late;
    }, WAIT);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('connection')).toBe('close');
    const message = 'This server is about to stop: try again shortly';
    expect(await answer.json()).toEqual({ error: { code: 'unavailable', message } });
    await events.close();
    await closing;
  });

  it('does not wait for sockets whose clients hear nothing any more', async () => {
    const server = await serve(parley.directUrl);
    const deaf = await openRawSocket(Number(new URL(server.url).port));
    onTestFinished(() => deaf.end());
    deaf.say(`40{"token":"${ana.token}"}`);
    await vi.waitFor(() => expect(deaf.heard()).toContain('40{"sid"'), WAIT);
    deaf.stopReading();
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(server.stderr()).not.toContain('still not done');
  });

  it('takes less than five seconds, also when the database is frozen in the middle of a request', async () => {
    const server = await serve(door.url);
    const holder = await holdLock();
    const cut = ask(server.url, 'cut-off').then(
      () => 'answered',
      () => 'cut off',
    );
    // Its statement has reached the database: from here on, only an answer is missing, and none comes.
    await vi.waitFor(async () => expect(await whoWaits()).toBe(1), WAIT);
    door.stall();
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    await holder.query('ROLLBACK');
    // By its own clock, from the first thing that it says about stopping to the last one.
    const said = linesOf(server.stderr());
    const stoppingMs = said.find(({ msg }) => msg === 'stopping')?.time;
    const lastMs = said.at(-1)?.time;
    if (stoppingMs === undefined || lastMs === undefined) throw new Error('expected it to say that it stops');
    expect(lastMs - stoppingMs).toBeLessThan(5_000);
    expect(await cut).toBe('cut off');
  });

  it('happens at once when it is asked for again', async () => {
    const server = await serve(door.url);
    door.stall();
    const cut = ask(server.url, 'cut-off-too').catch(() => 'cut off');
    await vi.waitFor(async () => expect((await fetch(`${server.url}/readyz`)).status).toBe(503), WAIT);
    server.child.kill('SIGTERM');
    const again = setInterval(() => server.child.kill('SIGTERM'), 300);
    expect(await server.ended).toBe(1);
    clearInterval(again);
    expect(server.stderr()).toContain('asked again');
    expect(server.stderr()).not.toContain('still not done');
    expect(await cut).toBe('cut off');
  });
});
