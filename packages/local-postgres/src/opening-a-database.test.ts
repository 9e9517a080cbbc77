import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { withDatabase } from './database-url.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { ensureDatabase } from './ensure-database.ts';
import { inspectEmbedded, installedPostgres } from './inspect-embedded.ts';
import { openDatabase } from './open-database.ts';
import { waitUntilReady } from './readiness.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';
import { assertUsableDatabase, ForeignDatabaseError } from './usable-database.ts';
import { withClient } from './with-client.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database.drop());

describe('a server that is waited for', () => {
  const wait = async (changes: Partial<Parameters<typeof waitUntilReady>[0]> = {}) =>
    await waitUntilReady({
      url: database.directUrl,
      dataDirectory: '/nowhere',
      hasEnded: () => false,
      timeoutMs: 300,
      log: () => undefined,
      ...changes,
    });

  test('is no other one that listens on the same port', async () => {
    const dataDirectory = os.tmpdir();
    await expect(wait({ dataDirectory })).rejects.toThrow(
      'no connection within 0.3 s, last answer: another server listens on the port',
    );
  });

  test('is not waited for when it has ended', async () => {
    await expect(wait({ hasEnded: () => true })).resolves.toBe('ended');
  });

  test('has ended when another one refuses our password and ours is gone a moment later', async () => {
    const startedMs = performance.now();
    const url = 'postgres://nobody-we-know:wrong@127.0.0.1:1/x';
    await expect(wait({ url })).rejects.toThrow(/within 0\.3 s, last answer: .*ECONNREFUSED/);
    const refused = new URL(database.directUrl);
    refused.pathname = '/no-such-database';
    const hasEnded = () => performance.now() - startedMs > 900;
    await expect(wait({ url: refused.href, hasEnded, timeoutMs: 20_000 })).resolves.toBe('ended');
  });

  test('that refuses us and goes on is an error, in its own words', async () => {
    await expect(wait({ url: withDatabase(database.directUrl, 'no-such-database') })).rejects.toThrow(
      'database "no-such-database" does not exist',
    );
  });
});

describe('a database that is made where it is missing', () => {
  test('is made once, however many ask for it at the same moment', async () => {
    const name = `made_by_many_${process.pid}`;
    const asked = Array.from({ length: 8 }, async () => await ensureDatabase(database.directUrl, name));
    try {
      expect(new Set(await Promise.all(asked))).toEqual(new Set([withDatabase(database.directUrl, name)]));
      await expect(ensureDatabase(database.directUrl, name)).resolves.toContain(name);
    } finally {
      await withClient(database.directUrl, async (client) => await client.query(`drop database ${name}`));
    }
  });

  test('that cannot be made is an error, in the words of the server', async () => {
    await expect(ensureDatabase(database.directUrl, '')).rejects.toThrow('zero-length delimited identifier');
  });

  test('whose server hangs up is an error', async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const { port } = rude.address() as AddressInfo;
    try {
      const url = `postgres://someone:secret@127.0.0.1:${port}/any`;
      await expect(assertUsableDatabase(url)).rejects.toThrow(
        /^Cannot use the database postgres:\/\/someone:\*\*\*@127\.0\.0\.1:\d+\/any: ./,
      );
    } finally {
      await new Promise((resolve) => rude.close(resolve));
    }
  });
});

test.each([
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [new RangeError(''), 'RangeError'],
])(
  'an answer without words, as of a host with several addresses, is told by its code: %s',
  async (error, told) => {
    const connect = vi.spyOn(Client.prototype, 'connect').mockImplementation(() => {
      throw error;
    });
    try {
      await expect(assertUsableDatabase('postgres://someone@127.0.0.1:1/x')).rejects.toThrow(
        `Cannot use the database postgres://someone@127.0.0.1:1/x: ${told}`,
      );
    } finally {
      connect.mockRestore();
    }
  },
);

describe('a database of our own', () => {
  let parent: string;
  const left: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of left.splice(0).toReversed()) await end();
  });
  beforeAll(async () => {
    parent = await mkdtemp(path.join(os.tmpdir(), 'crossfade-open-'));
    await chmod(parent, 0o711);
  });
  afterAll(async () => await rm(parent, { recursive: true, force: true }));

  const options = () => ({ directory: path.join(parent, 'postgres'), databaseName: 'parley', env: {} });

  test('is opened, kept while it is refused, and leaves no server behind', async () => {
    expect(await inspectEmbedded(options().directory)).toBeUndefined();
    const opened = await openDatabase(options());
    left.push(opened.close);
    expect(new URL(opened.url).pathname).toBe('/parley');
    const state = await inspectEmbedded(options().directory);
    expect(state).toMatchObject({ version: '18', ownerPid: process.pid, ownerIsGone: false, halfMade: [] });
    expect(state?.serverPids).toContain(opened.embedded?.pid);
    await withClient(opened.url, async (client) => await client.query('create table foreign_table (n int)'));
    await opened.close();

    await expect(openDatabase(options())).rejects.toThrow(ForeignDatabaseError);
    expect(await inspectEmbedded(options().directory)).toMatchObject({ ownerPid: undefined, serverPids: [] });

    const password = path.join(options().directory, 'password');
    const right = await readFile(password, 'utf8');
    await writeFile(password, 'wrong\n');
    await expect(startEmbeddedPostgres({ directory: options().directory })).rejects.toThrow(
      /started but cannot be used: password authentication failed/,
    );
    expect(await inspectEmbedded(options().directory)).toMatchObject({ ownerPid: undefined, serverPids: [] });
    await writeFile(password, right);
    await writeFile(path.join(options().directory, 'owner.json'), '{"pid":4194305,"startedAt":"1"}');
    expect(await inspectEmbedded(options().directory)).toMatchObject({ ownerIsGone: true });
  }, 180_000);
});

test('the program of our own server can be started', async () => {
  expect(await installedPostgres()).toMatch(/postgres$/);
});
