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
  watcher = new Client({ connectionString: database.directUrl });
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
  return createPostgresTarget({ connectionString: database.directUrl });
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

test('an abort cancels the statement by whatever way the application takes', async () => {
  const stop = new AbortController();
  const through = createPostgresTarget({ connectionString: database.url });
  const work = through.withConnection(
    { applicationName: 'passed on', signal: stop.signal },
    async (connection) => await connection.query('select pg_sleep(600), 7'),
  );
  const failure = failureOf(work);
  const sleeping = async () =>
    (
      await watcher.query(
        `select from pg_stat_activity where state = 'active' and query = 'select pg_sleep(600), 7'`,
      )
    ).rows;
  await eventually(sleeping).toHaveLength(1);
  stop.abort(new Error('the run is taken back'));
  expect(await failure).toMatchObject({ message: 'the run is taken back' });
  // A connection that was only cut would leave it asleep.
  await eventually(sleeping).toEqual([]);
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
  await eventually(async () => await activity('ended')).toMatchObject([
    { state: 'active', query: 'select pg_sleep(600)' },
  ]);
  await watcher.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ended'`,
  );
  expect(await failure).toMatchObject({ message: expect.stringContaining('terminat') as string });
});

describe('a network that is gone without a word', () => {
  test('does not hold up work that is done', async () => {
    const network = await networkTo(database.directUrl);
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
    const network = await networkTo(database.directUrl);
    const stop = new AbortController();
    const work = createPostgresTarget({ connectionString: network.url }).withConnection(
      { applicationName: 'cut off', signal: stop.signal },
      async (connection) => await connection.query('select pg_sleep(600)'),
    );
    const failure = failureOf(work);
    await eventually(async () => await activity('cut off')).toMatchObject([
      { state: 'active', query: 'select pg_sleep(600)' },
    ]);
    network.goSilent();
    stop.abort(new Error('the run is taken back'));
    expect(await failure).toMatchObject({ message: 'the run is taken back' });
    network.close();
    await watcher.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut off'`,
    );
  });
});

describe('without an abort', () => {
  test('a statement whose answer never comes is found out, and the work fails', async () => {
    const network = await networkTo(database.directUrl);
    const signal = new AbortController().signal;
    const through = createPostgresTarget({
      connectionString: network.url,
      looks: { intervalMs: 50, limitMs: 500 },
    });
    const failure = failureOf(
      through.withConnection({ applicationName: 'unheard', signal }, async (connection) => {
        await connection.query('select pg_sleep(0.5)');
      }),
    );
    await eventually(async () => await activity('unheard')).toMatchObject([
      { state: 'active', query: 'select pg_sleep(0.5)' },
    ]);
    network.goSilent('old');
    expect(await failure).toMatchObject({
      message:
        'the connection to the database is dead: the server has ended the statement, and its answer never came',
    });
    network.close();
  });

  test('a statement that takes long is waited for while the server is at work on it', async () => {
    const signal = new AbortController().signal;
    const patient = createPostgresTarget({
      connectionString: database.directUrl,
      looks: { intervalMs: 20, limitMs: 500 },
    });
    const { rows } = await patient.withConnection(
      { applicationName: 'long', signal },
      async (connection) => await connection.query(`select 'done' as it from pg_sleep(1)`),
    );
    expect(rows).toEqual([{ it: 'done' }]);
  });

  test('a network that swallows everything is found out', async () => {
    const network = await networkTo(database.directUrl);
    const signal = new AbortController().signal;
    const through = createPostgresTarget({
      connectionString: network.url,
      looks: { intervalMs: 20, limitMs: 500 },
    });
    const failure = failureOf(
      through.withConnection({ applicationName: 'swallowed', signal }, async (connection) => {
        network.goSilent();
        await connection.query('select 1');
      }),
    );
    expect(await failure).toMatchObject({
      message: 'the connection to the database is dead: the server gives no sign of life',
    });
    network.close();
  });
});

test('an abort does not wait for a server that cannot be connected to', async () => {
  const network = await networkTo(database.directUrl);
  network.goSilent();
  const stop = new AbortController();
  const through = createPostgresTarget({ connectionString: network.url });
  const failure = failureOf(
    through.withConnection({ applicationName: 'x', signal: stop.signal }, async () => 1),
  );
  await eventually(() => network.connections()).toBeGreaterThan(0);
  const startedMs = performance.now();
  stop.abort(new Error('the run is taken back'));
  expect(await failure).toMatchObject({ message: 'the run is taken back' });
  expect(performance.now() - startedMs).toBeLessThan(3_000);
  network.close();
});

test('the way past a pooler is known for the same database, whatever its role has set', async () => {
  const direct = new URL(database.directUrl);
  direct.searchParams.set('options', '-c timezone=Asia/Kathmandu -c datestyle=German');
  const both = createPostgresTarget({
    connectionString: database.directUrl,
    directConnectionString: direct.href,
  });
  const signal = new AbortController().signal;
  const { rows } = await both.withConnection(
    { applicationName: 'x', signal },
    async (connection) => await connection.query(`select current_setting('timezone') as zone`),
  );
  expect(rows).toEqual([{ zone: 'Asia/Kathmandu' }]);
});

describe('a server that cannot be connected to', () => {
  const failureAt = async (connectionString: string) =>
    await failureOf(
      createPostgresTarget({ connectionString }).withConnection(
        { applicationName: 'x', signal: new AbortController().signal },
        async () => 1,
      ),
    );

  test('is away, and may come back', async () => {
    expect(await failureAt('postgres://nobody@127.0.0.1:1/none')).toMatchObject({
      name: 'TargetAwayError',
      message: 'the database cannot be connected to: connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  test('but answers for good is not away', async () => {
    const unknown = new URL(database.directUrl);
    unknown.pathname = '/not_there';
    expect(await failureAt(unknown.href)).toMatchObject({
      name: 'error',
      message: 'database "not_there" does not exist',
    });
  });
});

test('behind a pooler, the name is for transactions, and no connection bears it for the next client', async () => {
  const through = createPostgresTarget({ connectionString: database.url });
  const names = await through.withConnection(
    { applicationName: 'crossfade/run-1/b', signal: new AbortController().signal },
    async (connection) => {
      const { rows } = await connection.query<{ name: string }>(
        `select current_setting('application_name') as name`,
      );
      const { pooled, transactionName } = connection;
      return { pooled, transactionName, connection: rows[0]?.name };
    },
  );
  const behindPooler = {
    pooled: true,
    transactionName: 'crossfade/run-1/b',
    connection: expect.stringMatching(/^crossfade [0-9a-f]{8}$/) as string,
  };
  const itself = { pooled: false, transactionName: undefined, connection: 'crossfade/run-1/b' };
  expect(names).toEqual(names.pooled ? behindPooler : itself);
});

describe('a direct way past the pooler', () => {
  test('that leads nowhere does not keep an abort from ending the work', async () => {
    const network = await networkTo(database.directUrl);
    network.goSilent();
    const stop = new AbortController();
    const both = { connectionString: database.url, directConnectionString: network.url };
    const failure = failureOf(
      createPostgresTarget(both).withConnection({ applicationName: 'x', signal: stop.signal }, async () => 1),
    );
    await eventually(() => network.connections()).toBeGreaterThan(0);
    stop.abort();
    expect(await failure).toMatchObject({ name: 'NotWaitedFor' });
    network.close();
  });

  test('is the one that is taken', async () => {
    const stop = new AbortController().signal;
    const both = { connectionString: database.url, directConnectionString: database.directUrl };
    const pooled = await createPostgresTarget(both).withConnection(
      { applicationName: 'direct', signal: stop },
      async (connection) => connection.pooled,
    );
    expect(pooled).toBe(false);
  });

  test('that leads to another database is refused for good, before any work', async () => {
    const other = await createTestDatabase();
    const wrong = { connectionString: database.url, directConnectionString: other.directUrl };
    const work = createPostgresTarget(wrong).withConnection(
      { applicationName: 'wrong', signal: new AbortController().signal },
      async () => 'worked',
    );
    expect(await failureOf(work)).toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(
        /^DATABASE_DIRECT_URL leads to another database \("\w+"\) than DATABASE_URL/,
      ) as string,
    });
    await other.drop();
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
    connections: () => sockets.length / 2,
    goSilent: (which: 'all' | 'old' = 'all') => {
      silent = which === 'all';
      // Nothing is read any more, not even that the other side has ended.
      for (const socket of sockets) socket.removeAllListeners('data').pause();
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
