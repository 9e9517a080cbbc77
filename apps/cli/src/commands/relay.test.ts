import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { join } from 'node:path';
import { createTelemetry, httpTelemetrySink } from '@crossfade/telemetry/server';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { crossfade, startCrossfade, type CrossfadeProcess } from '../testing/crossfade-process.ts';
import { crossfadeHere } from '../testing/crossfade-here.ts';
import { writeSmallPlan } from '../testing/small-plan.ts';
import { until } from '../testing/until.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const work = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-relay-${process.pid}`;
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});

const server = { name: 'shop', key: 'a-key-of-a-server-process', kind: 'server' };
const page = { name: 'page', key: 'a-key-that-anybody-reads', kind: 'client' };
const operator = { name: 'on-call', key: 'a-key-of-whoever-is-on-call', kind: 'operator' };
const ann = { context: { targetingKey: 'ann' } };
const folder = mkdtempSync(join(tmpdir(), 'crossfade-relay-test-'));
const backup = join(folder, 'flags.json');
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let keysFile: string;

/** A run has completed that opened "new_thing" for everybody. */
beforeAll(async () => {
  database = await createTestDatabase();
  const plan = writeSmallPlan();
  const ran = await crossfadeHere(
    'run',
    plan,
    '--speed',
    '1000000',
    '--no-report',
    '--database',
    database.url,
  );
  rmSync(plan, { recursive: true });
  if (ran.code !== 0) throw new Error(`the run has failed: ${ran.stdout}${ran.stderr}`);
  keysFile = keysIn('keys.json', { keys: [server, operator, page] });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  rmSync(work, { recursive: true, force: true });
  await database.drop();
});

function keysIn(name: string, content: unknown, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode });
  return path;
}

async function start(url: string, ...more: string[]): Promise<{ relay: CrossfadeProcess; address: string }> {
  const relay = startCrossfade('relay', '--keys', keysFile, '--port', '0', '--database', url, ...more);
  onTestFinished(() => void relay.process.kill('SIGKILL'));
  const address = await until('the relay to listen', () => /http:\/\/\S+(?=,)/.exec(relay.stdout())?.[0]);
  return { relay, address };
}

async function post(url: string, key: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
}

describe('crossfade relay', () => {
  it('serves the flags of the database, and switches them off and on with the operator’s name in the journal', async () => {
    const { relay, address } = await start(database.directUrl, '--backup', backup);
    await until('flags', async () => ((await fetch(`${address}/readyz`)).status === 200 ? true : undefined));
    expect((await fetch(`${address}/livez`)).status).toBe(200);
    const flag = `${address}/ofrep/v1/evaluate/flags/new_thing`;
    expect(await post(flag, server.key, ann)).toMatchObject({ status: 200, body: { value: true } });
    const isOn = async (): Promise<unknown> => (await post(flag, server.key, ann)).body;

    const disable = `${address}/crossfade/v1/flags/disable`;
    const done = await post(disable, operator.key, { flags: 'all', reason: 'it burns' });
    expect(done).toEqual({ status: 200, body: { action: 'disable', flags: ['new_thing'] } });
    await until('the flag to be off', async () =>
      ((await isOn()) as { value: boolean }).value ? undefined : true,
    );
    const unknown = await post(disable, operator.key, { flags: ['new_thin'], reason: 'x' });
    expect(unknown).toMatchObject({
      status: 400,
      body: { errorDetails: expect.stringContaining('new_thing') as string },
    });
    await post(`${address}/crossfade/v1/flags/enable`, operator.key, {
      flags: ['new_thing'],
      reason: 'mended',
    });
    await until('the flag to be on', async () =>
      ((await isOn()) as { value: boolean }).value ? true : undefined,
    );

    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ body: string }>(
      "SELECT body FROM crossfade.journal WHERE body LIKE '%on-call (relay)%' AND body LIKE '%flag.%' ORDER BY seq",
    );
    await client.end();
    expect(rows.map(({ body }) => /flag\.(killed|enabled)/.exec(body)?.[1]).filter(Boolean)).toEqual([
      'killed',
      'enabled',
    ]);

    relay.process.kill('SIGTERM');
    expect(await relay.ended).toMatchObject({ code: 0 });
    expect(relay.stdout()).not.toContain('a-key-of');
    expect(existsSync(backup)).toBe(true);
  });

  it('keeps what an application elsewhere reports of its flags, which crossfade flags usage tells', async () => {
    const { address } = await start(database.directUrl);
    const telemetry = createTelemetry({
      sink: httpTelemetrySink({ url: address, key: server.key }),
      process: 'elsewhere',
      revision: () => 2,
      sendEveryMs: 1_000_000,
      log: { info: () => undefined, warn: () => undefined },
    });
    const shown = { flagKey: 'new_thing', context: { targetingKey: 'ann' } };
    telemetry.hook.after(shown, { variant: 'on' });
    telemetry.hook.after({ ...shown, context: { targetingKey: 'ben' } }, { variant: 'off' });
    telemetry.track('new_thing', { targetingKey: 'ann' });
    await telemetry.stop();
    const { stdout } = await crossfadeHere('flags', 'usage', '--database', database.url);
    expect(stripVTControlCharacters(stdout)).toMatch(/new_thing +shown to 1 of 2 people +50\.0 % +used by 1/);
    expect(await post(`${address}/crossfade/v1/telemetry`, server.key, { id: 7 })).toMatchObject({
      status: 400,
      body: { errorDetails: expect.stringContaining('id: ') as string },
    });
  });

  it('keeps of a page what people were shown, and nothing that only a server can know', async () => {
    const { address } = await start(database.directUrl);
    const receipts = [{ revision: 9, ageMs: 0 }];
    const exposures = [{ flag: 'new_thing', variant: 'on', person: 'cleo', revision: 2, ageMs: 0 }];
    const news = { id: 'x', process: 'of-a-page', exposures, uses: [], windows: [], receipts, dropped: 0 };
    expect(await post(`${address}/crossfade/v1/telemetry`, page.key, news)).toMatchObject({ status: 204 });
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ people: number; receipts: number }>(
      `select (select count(*)::int from crossfade.exposures where targeting_key = 'cleo') as people,
         (select count(*)::int from crossfade.flag_receipts where process = 'of-a-page') as receipts`,
    );
    await client.end();
    expect(rows).toEqual([{ people: 1, receipts: 0 }]);
  });

  it('answers from its backup while the database is away, and says that no switch can be journalled', async () => {
    const gone = await freePort();
    const { address } = await start(`postgres://nobody@127.0.0.1:${gone}/parley`, '--backup', backup);
    expect(await post(`${address}/ofrep/v1/evaluate/flags/new_thing`, server.key, ann)).toMatchObject({
      body: { value: true },
    });
    const refused = await post(`${address}/crossfade/v1/flags/disable`, operator.key, {
      flags: 'all',
      reason: 'x',
    });
    expect(refused.status).toBe(503);
    expect(JSON.stringify(refused.body)).toContain(`127.0.0.1:${gone}`);
  });

  it('says in time that its port is taken', async () => {
    const taken = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    const { code, stderr } = await crossfade(
      'relay',
      '--keys',
      keysFile,
      '--port',
      String(port),
      '--database',
      database.url,
    );
    taken.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`127.0.0.1:${port}`) as string]);
  });
});

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}

describe('keys', () => {
  test.each<[string, unknown, string]>([
    ['no JSON', '{"keys": [secret', 'expected JSON such as {"keys"'],
    ['another document', { key: [] }, 'the document: Unrecognized key: "key"'],
    ['an entry that is none', { keys: [{ ...server, kind: 'root' }] }, 'keys.0.kind: Invalid option'],
    ['a short one', { keys: [{ ...server, key: 'secret' }] }, 'key of "shop": expected 20 to 200 letters'],
    ['none', { keys: [] }, 'expected at least one key, found none'],
  ])('(%s) are refused in words that hold no key', async (_what, content, told) => {
    const path = keysIn('bad.json', content);
    const { code, stderr } = await crossfadeHere('relay', '--keys', path, '--database', database.url);
    expect(code).toBe(2);
    expect(stderr).toContain(`--keys ${path}: `);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain('secret');
  });

  it('in no file, or a file for everybody to read, are said so', async () => {
    const missing = await crossfadeHere('relay', '--keys', '/nowhere/keys', '--database', database.url);
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining('--keys /nowhere/keys: expected a file') as string,
    ]);
    const bare = await crossfadeHere('relay', '--database', database.url);
    expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining('--keys') as string]);
    const open = keysIn('open.json', { keys: [server] }, 0o644);
    const relay = startCrossfade('relay', '--keys', open, '--port', '0', '--database', database.url);
    onTestFinished(() => void relay.process.kill('SIGKILL'));
    await until('the warning', () => relay.stderr().includes('can be read by others') || undefined);
  });

  it.each([
    [['--port', '70000'], '--port 70000: expected a whole number from 0 to 65535'],
    [['--host', 'a b'], '--host a b: expected an address'],
  ])('and %j is refused', async (given, told) => {
    const { code, stderr } = await crossfadeHere(
      'relay',
      '--keys',
      keysFile,
      ...given,
      '--database',
      database.url,
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining(told) as string]);
  });
});
