import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileFlagDocument } from './compile-flag-document.ts';
import type { FlagAudience } from './flag-plan.ts';
import { createFlagProvider } from './flag-provider.ts';
import type { FlagProvider } from './flag-provider.ts';
import { connectFlagSession } from './postgres-flag-session.ts';
import { postgresFlagSource } from './postgres-flag-source.ts';

const ann = '00000000-0000-4000-8000-00000000000a';
const everybody = [{ segment: null, percentage: 100 }];
/** Long enough that what is seen sooner was not found by polling. */
const neverMs = 3_600_000;
/** Asked often, and long enough for a busy machine. */
const patiently = { timeout: 15_000, interval: 10 };

/** As an application reaches it; and the server itself, which tells who is connected. */
let url: string;
let directUrl: string;
let admin: Client;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  const database = await createTestDatabase();
  cleanUps.push(async () => await database.drop());
  url = database.url;
  directUrl = database.directUrl;
  admin = new Client({ connectionString: directUrl });
  await admin.connect();
  cleanUps.push(async () => await admin.end());
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function createTables(): Promise<void> {
  await admin.query(`
    create schema crossfade;
    create table crossfade.flag_documents (
      revision bigint primary key, digest text not null, document text not null,
      published_at timestamptz not null default now());
    create table crossfade.segment_members (
      segment text, targeting_key text, primary key (segment, targeting_key))`);
}

async function publish(revision: number, audiences: readonly FlagAudience[]): Promise<void> {
  const flags = [{ key: 'search', killed: false, audiences }];
  const { document, digest } = compileFlagDocument({ seed: 'batch-2', flags, parameters: [] });
  await publishText(revision, digest, document);
}

/** As a controller does: the document and its notification in one transaction. */
async function publishText(revision: number, digest: string, document: string): Promise<void> {
  await admin.query('begin');
  await admin.query('insert into crossfade.flag_documents (revision, digest, document) values ($1, $2, $3)', [
    revision,
    digest,
    document,
  ]);
  await admin.query(`select pg_notify('crossfade_flags', $1)`, [String(revision)]);
  await admin.query('commit');
}

interface Options {
  readonly connectionString?: string;
  readonly pollIntervalMs?: number;
  readonly backupFile?: string;
}

interface Started {
  readonly provider: FlagProvider;
  readonly warnings: string[];
  /** The reasons that the warnings give. */
  readonly reasons: string[];
}

async function startProvider(options: Options = {}): Promise<Started> {
  const { connectionString = url, pollIntervalMs = neverMs, ...rest } = options;
  const warnings: string[] = [];
  const reasons: string[] = [];
  const warn = (fields: object, message: string): void => {
    warnings.push(message);
    if ('err' in fields && fields.err instanceof Error) reasons.push(fields.err.message);
  };
  const provider = createFlagProvider({
    source: postgresFlagSource({ connectionString, pollIntervalMs, applicationName: 'flags-test' }),
    log: { info: () => undefined, warn },
    ...rest,
  });
  await provider.initialize();
  cleanUps.push(async () => await provider.onClose());
  return { provider, warnings, reasons };
}

async function isOn(provider: FlagProvider, targetingKey = ann): Promise<boolean> {
  const logger = console;
  return (await provider.resolveBooleanEvaluation('search', false, { targetingKey }, logger)).value;
}

async function untilRevision(provider: FlagProvider, revision: number): Promise<void> {
  await expect.poll(() => provider.revision(), patiently).toBe(revision);
}

/** The process of the provider's connection, once it listens. */
async function listener(): Promise<number> {
  const find = async (): Promise<number | undefined> => {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity
        where datname = current_database() and application_name = 'flags-test' and state = 'idle'
          and query in ('listen crossfade_flags', 'commit')`,
    );
    return rows[0]?.pid;
  };
  await expect.poll(find, patiently).toBeDefined();
  return (await find()) ?? 0;
}

describe('a publication', () => {
  beforeEach(createTables);

  test('that is there already is taken at the start', async () => {
    await publish(1, []);
    await publish(2, everybody);
    const { provider } = await startProvider();
    await untilRevision(provider, 2);
    expect(await isOn(provider)).toBe(true);
  });

  test('arrives at once, not at the next poll, with its segments', async () => {
    const { provider } = await startProvider();
    await listener();
    await admin.query(`insert into crossfade.segment_members values ('power_users', $1), ('others', 'b')`, [
      ann,
    ]);
    await publish(1, [{ segment: 'power_users', percentage: 100 }]);
    await untilRevision(provider, 1);
    expect(await isOn(provider)).toBe(true);
    expect(await isOn(provider, 'b')).toBe(false);
    await publish(2, []);
    await untilRevision(provider, 2);
    expect(await isOn(provider)).toBe(false);
  });

  test('whose notification is lost is found by polling', async () => {
    const { provider } = await startProvider({ pollIntervalMs: 50 });
    await listener();
    await admin.query('begin');
    const { document, digest } = compileFlagDocument({ seed: 's', flags: [], parameters: [] });
    await admin.query(`insert into crossfade.flag_documents values (7, $1, $2)`, [digest, document]);
    await admin.query('commit');
    await untilRevision(provider, 7);
    expect(provider.revision()).toBe(7);
  });

  test('brings the segments that it asks for, and no flag off waits for any', async () => {
    await admin.query(`insert into crossfade.segment_members values ('power_users', $1), ('others', 'b')`, [
      ann,
    ]);
    await publish(1, [{ segment: 'power_users', percentage: 100 }]);
    const session = await connectFlagSession(
      { connectionString: url },
      { onEvent: () => undefined, stop: new AbortController().signal },
    );
    cleanUps.push(async () => session.close());
    expect((await session.readSnapshot())?.segments).toEqual(new Map([['power_users', new Set([ann])]]));

    await publish(2, []);
    expect(await session.readSnapshot()).toMatchObject({ revision: 2, segments: new Map() });
  });

  test('that is corrupted leaves the last good one in force', async () => {
    await publish(1, everybody);
    const { provider, warnings } = await startProvider();
    await untilRevision(provider, 1);
    await publishText(2, 'not its digest', '{"flags":');
    await expect
      .poll(() => warnings, patiently)
      .toContain('these flags are refused; the last good ones stay');
    expect(await isOn(provider)).toBe(true);
    expect(provider.revision()).toBe(1);
    await publish(3, []);
    await untilRevision(provider, 3);
  });
});

describe('a database without Crossfade', () => {
  test('means code defaults and no complaint, until Crossfade comes', async () => {
    const { provider, warnings } = await startProvider({ pollIntervalMs: 50 });
    await listener();
    expect(await isOn(provider)).toBe(false);
    await createTables();
    await publish(1, everybody);
    await untilRevision(provider, 1);
    expect(warnings).toEqual([]);
  });
});

describe('a database that Crossfade has vanished from', () => {
  test('leaves the last flags in force, with a warning', async () => {
    await createTables();
    await publish(1, everybody);
    const { provider, warnings } = await startProvider({ pollIntervalMs: 50 });
    await untilRevision(provider, 1);
    await admin.query('drop schema crossfade cascade');
    await expect.poll(() => warnings, patiently).toEqual(['flags may be out of date']);
    expect(await isOn(provider)).toBe(true);
  });
});

describe('a lost connection', () => {
  beforeEach(createTables);

  test('keeps the last flags, and what was published meanwhile is taken after it', async () => {
    await publish(1, everybody);
    // Its own session: a pooler takes another server process, and nothing is lost.
    const { provider, warnings, reasons } = await startProvider({ connectionString: directUrl });
    await untilRevision(provider, 1);
    const before = await listener();
    await admin.query('select pg_terminate_backend($1)', [before]);
    await expect.poll(() => warnings, patiently).toEqual(['flags may be out of date']);
    expect(reasons).toEqual(['terminating connection due to administrator command']);
    expect(await isOn(provider)).toBe(true);
    await publish(2, []);
    await untilRevision(provider, 2);
    expect(await listener()).not.toBe(before);
    await publish(3, everybody);
    await untilRevision(provider, 3);
  });

  test('to a database that is away at the start: the backup serves', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-flags-'));
    cleanUps.push(async () => await rm(folder, { recursive: true, force: true }));
    const backupFile = path.join(folder, 'flags.json');
    await admin.query(`insert into crossfade.segment_members values ('power_users', $1)`, [ann]);
    await publish(4, [{ segment: 'power_users', percentage: 100 }]);
    const first = await startProvider({ backupFile });
    await untilRevision(first.provider, 4);
    await first.provider.onClose();

    const away = await refusingPort();
    const { provider, warnings } = await startProvider({ backupFile, connectionString: away });
    await expect.poll(() => warnings, patiently).toEqual(['flags may be out of date']);
    expect(provider.revision()).toBe(4);
    expect(await isOn(provider)).toBe(true);
    expect(await isOn(provider, 'b')).toBe(false);
  });

  test('that stays open but silent is given up in bounded time', async () => {
    const proxy = await proxyTo(url);
    await publish(1, everybody);
    const { provider, warnings } = await startProvider({ connectionString: proxy.url, pollIntervalMs: 50 });
    await untilRevision(provider, 1);
    proxy.mute();
    await expect.poll(() => warnings, patiently).toEqual(['flags may be out of date']);
    expect(await isOn(provider)).toBe(true);
    await publish(2, []);
    await untilRevision(provider, 2);
    expect(await isOn(provider)).toBe(false);
  });

  test('to a server that says nothing does not hold up a stop', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    cleanUps.push(async () => {
      mute.close();
      for (const socket of sockets) socket.destroy();
    });
    const { port } = mute.address() as AddressInfo;
    const { provider } = await startProvider({
      connectionString: `postgres://someone@127.0.0.1:${port}/any`,
    });
    await expect.poll(() => sockets.length, patiently).toBe(1);
    const startedMs = performance.now();
    await provider.onClose();
    // Connecting is given up after five seconds; a stop must not wait for that.
    expect(performance.now() - startedMs).toBeLessThan(4_000);
  });
});

describe('a stop', () => {
  test('ends the connection', async () => {
    const { provider } = await startProvider();
    await listener();
    await provider.onClose();
    const connections = async (): Promise<number | null> =>
      (
        await admin.query(
          `select from pg_stat_activity where application_name = 'flags-test' and datname = current_database()`,
        )
      ).rowCount;
    await expect.poll(connections, patiently).toBe(0);
  });
});

/** A way to the database that can fall silent: connections of before stay open and pass nothing on any more. */
async function proxyTo(target: string): Promise<{ url: string; mute(): void }> {
  const { hostname, port } = new URL(target);
  let pairs: (readonly [Socket, Socket])[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    pairs.push([near, far]);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const all = pairs;
  cleanUps.push(async () => {
    server.close();
    for (const socket of [...all, ...pairs].flat()) socket.destroy();
  });
  const through = new URL(target);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);
  const mute = (): void => {
    for (const [near, far] of pairs) {
      near.unpipe(far);
      far.unpipe(near);
    }
    pairs = [];
  };
  return { url: through.href, mute };
}

async function refusingPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `postgres://someone@127.0.0.1:${port}/any`;
}
