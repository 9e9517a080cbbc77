import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { InvitedPerson } from './commands/invite-command.ts';
import { call, send } from './testing/client.ts';
import { createParleyFixture } from './testing/parley-fixture.ts';
import { addressesOf, listening, type ParleyProcess, startProcess } from './testing/parley-process.ts';
import { openSocket } from './testing/test-socket.ts';

let database: TestDatabase;
let folder: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(os.tmpdir(), 'parley-main-'));
});
afterEach(() => running.splice(0).forEach((child) => child.kill('SIGKILL')));
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

/** Only ends a test that hangs: a machine that is busy with other things is slow, not wrong. */
vi.setConfig({ testTimeout: 120_000 });

function start(args: string[], environment: NodeJS.ProcessEnv = {}, channel = false): ParleyProcess {
  const started = startProcess(args, { ...addressesOf(database), ...environment }, channel);
  running.push(started.child);
  return started;
}

it('installs, twice at once as well', async () => {
  const both = [start(['install']), start(['install'])];
  for (const { ended, stdout, stderr } of both) {
    expect({ code: await ended, errors: stderr() }).toEqual({ code: 0, errors: '' });
    expect(JSON.parse(stdout())).toEqual({ installed: 'batch-1' });
  }
});

it('serves, and stops at a SIGTERM', async () => {
  const server = start(['serve', '--port', '0']);
  const url = await listening(server);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: 10_000 });
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('process_cpu_seconds_total');
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
});

it('lets sockets and connections go when it stops, within its five seconds', async () => {
  const parley = await createParleyFixture();
  const ana = await parley.addPerson('Ana');
  const server = start(['serve', '--port', '0'], addressesOf(parley));
  const url = await listening(server);
  const { socket } = await openSocket(url, ana);
  const me = await fetch(`${url}/v1/me`, { headers: ana.authorization });
  expect(me.status).toBe(200);
  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  // What it says when the five seconds are over.
  expect(server.stderr()).not.toContain('still not done');
  await vi.waitFor(() => expect(socket.connected).toBe(false), { timeout: 5_000 });
  const mine = "application_name = 'parley' AND datname = current_database()";
  // A pooler keeps its own for a few seconds more.
  await vi.waitFor(
    async () => expect(await parley.sql(`SELECT 1 FROM pg_stat_activity WHERE ${mine}`)).toEqual([]),
    { timeout: 30_000 },
  );
  await parley.close();
});

it('ends, and says why, when its port is taken', async () => {
  const first = start(['serve', '--port', '0']);
  const { port } = new URL(await listening(first));
  // Not even the channel to whoever started it keeps it.
  const second = start(['serve', '--port', port], {}, true);
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toMatch(/parley serve: listen EADDRINUSE/);
  expect(second.stdout()).toBe('');
});

it('stops when whoever started it with a channel goes away', async () => {
  const server = start(['serve', '--port', '0'], {}, true);
  await listening(server);
  server.child.disconnect();
  expect(await server.ended).toBe(0);
});

it('serves also while the database is away, and says that it is not ready', async () => {
  const server = start(['serve', '--port', '0'], {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
    DATABASE_DIRECT_URL: '',
  });
  const url = await listening(server);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  const login = await fetch(`${url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"email":"a@parley.example","password":"b"}',
  });
  expect(login.status).toBe(503);
});

it('invites the most active people, who can then log in', async () => {
  const parley = await createParleyFixture();
  const { app } = await parley.startServer();
  const [ana, bo, cem] = [
    await parley.addPerson('Ana'),
    await parley.addPerson('Bo'),
    await parley.addPerson('Cem'),
  ];
  const room = await parley.addConversation([ana, bo, cem]);
  const write = `INSERT INTO messages (conversation_id, sender_id, seq, body) SELECT $1, $2, $3::int + i, 'x' FROM generate_series(1, $4::int) i`;
  await parley.sql(write, [room, ana.id, 0, 3]);
  await parley.sql(write, [room, bo.id, 100, 5]);
  await parley.sql(write, [room, cem.id, 200, 1]);
  const output = path.join(folder, 'people.json');
  const { ended, stdout, stderr } = start(['invite', '--count', '2', '--output', output], {
    ...addressesOf(parley),
  });
  expect({ code: await ended, errors: stderr() }).toEqual({ code: 0, errors: '' });
  expect(JSON.parse(stdout())).toMatchObject({ invited: 2, output });
  expect((await stat(output)).mode & 0o777).toBe(0o600);
  const { people } = JSON.parse(await readFile(output, 'utf8')) as { people: InvitedPerson[] };
  expect(people.map(({ id, email }) => ({ id, email }))).toEqual(
    [bo, ana].map(({ id, email }) => ({ id, email })),
  );
  for (const { email, password } of people) {
    const login = await app.inject({ method: 'POST', url: '/v1/login', payload: { email, password } });
    expect(login.statusCode).toBe(200);
  }
  await parley.close();
});

it('logs nobody out for passwords that it cannot write down', async () => {
  const parley = await createParleyFixture();
  const { app } = await parley.startServer();
  const ana = await parley.addPerson('Ana');
  const room = await parley.addConversation([ana]);
  await send(app, ana, room, 'hello');
  const { ended, stderr } = start(['invite', '--output', path.join(folder, 'nowhere', 'people.json')], {
    ...addressesOf(parley),
  });
  expect(await ended).toBe(1);
  expect(stderr()).toContain('nowhere');
  expect((await call(app, '/v1/me', { as: ana })).status).toBe(200);
  await parley.close();
});

it.each([
  [['dance'], 2, /there is no command "dance"/],
  [[], 2, /Usage/],
  [['serve', '--port', 'x'], 1, /--port x: expected a number/],
  [['invite'], 1, /--output is missing/],
  [['install', '--force'], 1, /--force/],
])('refuses %j with %d', async (args, code, message) => {
  const { ended, stderr } = start(args);
  expect(await ended).toBe(code);
  expect(stderr()).toMatch(message);
});

it('asks for DATABASE_URL', async () => {
  const { ended, stderr } = start(['install'], { DATABASE_URL: '' });
  expect(await ended).toBe(1);
  expect(stderr()).toContain('DATABASE_URL is not set');
});
