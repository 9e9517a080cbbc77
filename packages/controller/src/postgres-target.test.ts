import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from './testing/eventually.ts';
import { createPostgresTarget } from './postgres-target.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let watcher: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  watcher = new Client({ connectionString: database.url });
  await watcher.connect();
});
afterAll(async () => {
  await watcher.end();
  await database.drop();
});

async function activity(applicationName: string): Promise<readonly { state: string; query: string }[]> {
  const { rows } = await watcher.query<{ state: string; query: string }>(
    'select state, query from pg_stat_activity where application_name = $1',
    [applicationName],
  );
  return rows;
}

/** What the work ends in; waited for later, heeded from now on. */
async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function target() {
  return createPostgresTarget({ connectionString: database.url });
}

test('work has a connection of its own under its name, ended when the work is', async () => {
  const names = await target().withConnection(
    { applicationName: 'crossfade/run-1/a', signal: new AbortController().signal },
    async (connection) => {
      await connection.query("set search_path = 'nowhere'");
      const { rows, rowCount } = await connection.query<{ name: string; path: string }>(
        `select current_setting('application_name') as name, current_setting('search_path') as path where 1 = $1`,
        [1],
      );
      expect(rowCount).toBe(1);
      return rows;
    },
  );
  expect(names).toEqual([{ name: 'crossfade/run-1/a', path: 'nowhere' }]);
  await eventually(async () => await activity('crossfade/run-1/a')).toEqual([]);
});

test('a text of several statements answers with the last one', async () => {
  const signal = new AbortController().signal;
  const { rows } = await target().withConnection(
    { applicationName: 'several', signal },
    async (connection) => {
      return await connection.query('select 1 as one; select 2 as two');
    },
  );
  expect(rows).toEqual([{ two: 2 }]);
});

test('an abort cancels the statement on the server and rejects with the reason', async () => {
  const stop = new AbortController();
  const work = target().withConnection(
    { applicationName: 'sleeper', signal: stop.signal },
    async (connection) => {
      await connection.query('select pg_sleep(600)');
    },
  );
  const failure = failureOf(work);
  await eventually(async () => await activity('sleeper')).toMatchObject([
    { state: 'active', query: 'select pg_sleep(600)' },
  ]);
  stop.abort(new Error('the run is taken back'));
  expect(await failure).toMatchObject({ message: 'the run is taken back' });
  await eventually(async () => await activity('sleeper')).toEqual([]);
});

test('work that goes on after an abort gets no further statement through', async () => {
  const stop = new AbortController();
  await watcher.query('create table if not exists written (n int)');
  const work = target().withConnection(
    { applicationName: 'late', signal: stop.signal },
    async (connection) => {
      stop.abort();
      await connection.query('insert into written values (1)');
    },
  );
  await expect(work).rejects.toThrow(/aborted/);
  expect((await watcher.query('select * from written')).rows).toEqual([]);
});

test('an abort that came before does not even connect', async () => {
  const unreachable = createPostgresTarget({ connectionString: 'postgresql://nobody@127.0.0.1:1/none' });
  const signal = AbortSignal.abort();
  await expect(unreachable.withConnection({ applicationName: 'x', signal }, async () => 1)).rejects.toThrow(
    /aborted/,
  );
});

test('a connection ended by the server fails the work, not the process', async () => {
  const signal = new AbortController().signal;
  const work = target().withConnection({ applicationName: 'ended', signal }, async (connection) => {
    await connection.query('select pg_sleep(600)');
  });
  const failure = failureOf(work);
  await eventually(async () => await activity('ended')).toMatchObject([{ state: 'active' }]);
  await watcher.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ended'`,
  );
  expect(await failure).toMatchObject({ message: expect.stringContaining('terminat') as string });
});

describe('a network that is gone without a word', () => {
  test('does not hold up work that is done', async () => {
    const network = await networkTo(database.url);
    const signal = new AbortController().signal;
    const work = createPostgresTarget({ connectionString: network.url }).withConnection(
      { applicationName: 'done', signal },
      async (connection) => {
        await connection.query('select 1');
        network.goSilent();
        return 'done';
      },
    );
    expect(await work).toBe('done');
    network.close();
  });

  test('does not keep an abort from ending the work', async () => {
    const network = await networkTo(database.url);
    const stop = new AbortController();
    const work = createPostgresTarget({ connectionString: network.url }).withConnection(
      { applicationName: 'cut off', signal: stop.signal },
      async (connection) => await connection.query('select pg_sleep(600)'),
    );
    const failure = failureOf(work);
    await eventually(async () => await activity('cut off')).toMatchObject([{ state: 'active' }]);
    network.goSilent();
    stop.abort(new Error('the run is taken back'));
    expect(await failure).toMatchObject({ message: 'the run is taken back' });
    network.close();
    await watcher.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut off'`,
    );
  });
});

/** A way to the database that can swallow everything, of connections old and new, and closes none. */
async function networkTo(databaseUrl: string) {
  const { port, hostname } = new URL(databaseUrl);
  const sockets: Socket[] = [];
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    if (silent) return;
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => near.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const to = new URL(databaseUrl);
  to.hostname = '127.0.0.1';
  to.port = String((server.address() as AddressInfo).port);
  return {
    url: to.href,
    goSilent: () => {
      silent = true;
      // Nothing is read any more, not even that the other side has ended.
      for (const socket of sockets) socket.removeAllListeners('data').pause();
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
