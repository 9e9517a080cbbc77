import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import type { EmbeddedPostgres } from './embedded-postgres.ts';
import type { Restart } from './keep-up.ts';
import { identifyProcess } from './process-identity.ts';
import { serverProcesses } from './server-processes.ts';
import { withClient } from './with-client.ts';

/** What happens right before a step of a restart. */
const restarting = vi.hoisted(() => ({ before: async (_step: string): Promise<void> => {} }));
vi.mock('./left-over-server.ts', async (original) => {
  const real = await original<typeof import('./left-over-server.ts')>();
  const clearLeftOvers: typeof real.clearLeftOvers = async (...given) => {
    await restarting.before('what was left is cleared');
    await real.clearLeftOvers(...given);
  };
  return { ...real, clearLeftOvers };
});
vi.mock('./server-log.ts', async (original) => {
  const real = await original<typeof import('./server-log.ts')>();
  const openServerLog: typeof real.openServerLog = async (...given) => {
    await restarting.before('the log is opened');
    return await real.openServerLog(...given);
  };
  return { ...real, openServerLog };
});

const SLOW = { timeout: 60_000, interval: 50 };
let directory: string;
let server: EmbeddedPostgres | undefined;

/** One cluster for all: making it takes longest. The test that ruins it comes last. */
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'crossfade-keep-up-'));
  await chmod(directory, 0o711);
});

afterEach(async () => {
  restarting.before = async () => {};
  await server?.stop();
  server = undefined;
});
afterAll(async () => await rm(directory, { recursive: true, force: true }));

const processes = (): number[] => serverProcesses(path.join(directory, 'data'));

async function ask(url: string, query: string): Promise<unknown> {
  return await withClient(
    url,
    async (client) => (await client.query<{ answer: unknown }>(query)).rows[0]?.answer,
  );
}

/** A backend that does not look up from its work: it outlives its postmaster and holds the shared memory. */
async function keepBackendBusy(url: string): Promise<{ ended: Promise<unknown> }> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const query = `do $$ declare n bigint := 0; begin loop n := n + 1; end loop; end $$`;
  return { ended: client.query(query).catch((error: unknown) => error) };
}

test('a server that is killed is there again on the same port, with all that was committed', async () => {
  const restarts: Restart[] = [];
  const lines: string[] = [];
  server = await startEmbeddedPostgres({
    directory,
    log: (line) => lines.push(line),
    keepUp: { onRestart: (restart) => restarts.push(restart) },
  });
  const { url, pid } = server;
  await ask(url, 'create table kept as select 42 as answer');
  const busy = await keepBackendBusy(url);

  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(restarts).toHaveLength(1), SLOW);
  expect(await busy.ended).toBeInstanceOf(Error);
  expect(restarts[0]).toMatchObject({ how: 'exit code 137', attempt: 1, pid: server.pid });
  expect(server.pid).not.toBe(pid);
  expect(server.url).toBe(url);
  expect(await ask(url, 'select answer from kept')).toBe(42);
  expect(lines.join('\n')).toMatch(/ended by itself \(exit code 137\)[^]*Ending \d+ process/);

  process.kill(server.pid, 'SIGKILL');
  await vi.waitFor(() => expect(restarts).toHaveLength(2), SLOW);
  expect(restarts[1]?.attempt).toBe(2);
  expect(await ask(url, 'select answer from kept')).toBe(42);
  await server.stop();
  expect(processes()).toEqual([]);
});

test('a server that somebody stops is there again as well, and how to end it is said', async () => {
  const restarts: Restart[] = [];
  const lines: string[] = [];
  server = await startEmbeddedPostgres({
    directory,
    log: (line) => lines.push(line),
    keepUp: { onRestart: (restart) => restarts.push(restart) },
  });
  process.kill(server.pid, 'SIGINT');
  await vi.waitFor(() => expect(restarts).toMatchObject([{ how: 'exit code 0', attempt: 1 }]), SLOW);
  expect(lines.at(-1)).toBe('Somebody has stopped it, but it is needed here: end this run to end it too.');
  expect(await ask(server.url, 'select 42 as answer')).toBe(42);
});

test('stopping ends a restart that is under way, and nothing comes back', async () => {
  const onRestart = vi.fn<(restart: Restart) => void>();
  server = await startEmbeddedPostgres({ directory, keepUp: { onRestart } });
  const { pid } = server;
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(identifyProcess(pid)).toBeUndefined(), SLOW);
  await server.stop();
  await delay(300); // Longer than the pause before a restart.
  expect(onRestart).not.toHaveBeenCalled();
  expect(processes()).toEqual([]);
});

test.each(['what was left is cleared', 'the log is opened'])(
  'stopping while a restart is so far that %s, starts nothing any more',
  async (moment) => {
    const starts = async (): Promise<number> =>
      (await readFile(path.join(directory, 'server.log'), 'utf8')).split('starting PostgreSQL').length;
    const onRestart = vi.fn<(restart: Restart) => void>();
    const running = await startEmbeddedPostgres({ directory, keepUp: { onRestart } });
    server = running;
    const before = await starts();
    const stopped = new Promise<void>((resolve, reject) => {
      restarting.before = async (step) => {
        if (step === moment) running.stop().then(resolve, reject);
      };
    });
    process.kill(running.pid, 'SIGKILL');
    await stopped;
    expect(await starts()).toBe(before);
    expect(onRestart).not.toHaveBeenCalled();
    expect(processes()).toEqual([]);
  },
);

test('a server that is frozen, backends and all, is stopped within 5 s', async () => {
  server = await startEmbeddedPostgres({ directory, keepUp: {} });
  const url = await server.ensureDatabase('kept');
  await ask(url, 'create table kept as select 42 as answer');
  for (const pid of processes()) process.kill(pid, 'SIGSTOP');
  const startMs = performance.now();
  await server.stop();
  expect(performance.now() - startMs).toBeLessThan(5000);
  expect(processes()).toEqual([]);

  server = await startEmbeddedPostgres({ directory });
  expect(await ask(server.databaseUrl('kept'), 'select answer from kept')).toBe(42);
});

test('killing is done when the call returns but for the reaping', async () => {
  server = await startEmbeddedPostgres({ directory, keepUp: {} });
  server.kill();
  await vi.waitFor(() => expect(processes()).toEqual([]), SLOW);
});

test('a server that cannot come back is given up, with the reason', async () => {
  let givenUp: Error | undefined;
  server = await startEmbeddedPostgres({ directory, keepUp: { onGivenUp: (error) => (givenUp = error) } });
  await rm(path.join(directory, 'data/global'), { recursive: true });
  process.kill(server.pid, 'SIGKILL');
  await vi.waitFor(() => expect(givenUp).toBeDefined(), SLOW);
  expect(givenUp?.message).toMatch(/ended 5 times in a row .* did not start on [^]*Read .*server\.log/);
});
