import { rmSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { createFaultProxy, createTestDatabase, type FaultProxy } from '@crossfade/local-postgres/testing';
import { createPostgresStore } from '@crossfade/store';
import type { ControlStore } from '@crossfade/engine';
import { Client } from 'pg';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { checkPlan } from './catalogs.ts';
import { withPreparedStore } from './control.ts';
import { isDatabaseAway, whenDatabaseAnswers } from './database-away.ts';
import { driveRun } from './drive-run.ts';
import { Refusal } from './exit-codes.ts';
import { plainDisplay } from './live/live-display.ts';
import { openTarget } from './open-target.ts';
import { readPlanFolder } from './plan-folder.ts';
import { startRun } from './start-run.ts';
import { crossfadeHere } from './testing/crossfade-here.ts';
import { writeSmallPlan } from './testing/small-plan.ts';
import { until } from './testing/until.ts';

const databaseUrl = 'postgres://ana:geheim@127.0.0.1:5432/shop';
const folder = writeSmallPlan();
const { bound } = checkPlan(readPlanFolder(folder).files);
rmSync(folder, { recursive: true });
if (!bound) throw new Error('the small plan is not valid');
const plan = bound;

const away = () => new Error('timeout exceeded when trying to connect');
const told = '! the database postgres://ana:***@127.0.0.1:5432/shop is away: it gives no connection in time.';

describe('an error that says that the database is away', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
  });
  it.each([
    [refused],
    [new AggregateError([refused])],
    [Object.assign(new Error('connect ENOENT /run/.s.PGSQL.5432'), { code: 'ENOENT', syscall: 'connect' })],
    [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })],
    [away()],
    [new Error('Connection terminated unexpectedly')],
  ])('is %s', (error) => expect(isDatabaseAway(error)).toBe(true));

  it.each([
    [Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open' })],
    [new Error('the journal ends with no entry')],
    [new TypeError('timeout of undefined')],
    ['timeout expired'],
  ])('is not %s', (error) => expect(isDatabaseAway(error)).toBe(false));

  it('is one of the server that says that it starts or ends, and no other of its errors', async () => {
    const database = await createTestDatabase();
    onTestFinished(database.drop);
    const client = new Client({ connectionString: database.directUrl });
    await client.connect();
    onTestFinished(async () => await client.end());
    const raised = async (code: string) =>
      await client.query(`DO $$ BEGIN RAISE 'no' USING ERRCODE = '${code}'; END $$`).catch((error) => error);
    expect(isDatabaseAway(await raised('57P03'))).toBe(true);
    expect(isDatabaseAway(await raised('42501'))).toBe(false);
  });
});

describe('work that waits for the database', () => {
  const lines: string[] = [];
  const stop = new AbortController();
  const wait = { databaseUrl, tell: (line: string) => void lines.push(line), signal: stop.signal };
  afterEach(() => void lines.splice(0));

  it('says once what it waits for, and that it is back', async () => {
    let failures = 2;
    const work = async () => {
      if (failures === 0) return 'done';
      failures -= 1;
      throw away();
    };
    expect(await whenDatabaseAnswers(work, wait)).toBe('done');
    expect(lines).toEqual([`${told} Waiting for it, 10 minutes at most.`, '✔ The database is back.']);
  });

  it('gives up at its limit, and says which database it is and what to do', async () => {
    const given = whenDatabaseAnswers(() => Promise.reject(away()), { ...wait, limitMs: 0 });
    await expect(given).rejects.toThrow(
      `${told.slice(2)} Start it, or wait for it ("crossfade doctor" looks at it); then run the same command again`,
    );
  });

  it('waits for nothing that will not pass', async () => {
    const refusal = new Refusal('another run is unfinished');
    await expect(whenDatabaseAnswers(() => Promise.reject(refusal), wait)).rejects.toBe(refusal);
    expect(lines).toEqual([]);
  });

  it('ends when it is told to stop, and begins nothing after that', async () => {
    const stopped = new AbortController();
    const given = { ...wait, signal: stopped.signal, tell: () => stopped.abort() };
    expect(await whenDatabaseAnswers(() => Promise.reject(away()), given)).toBe('stopped');
    expect(await whenDatabaseAnswers(() => Promise.reject(new Error('begun')), given)).toBe('stopped');
  });
});

describe('a database that goes away when the store is open', { timeout: 120_000 }, () => {
  let network: FaultProxy;
  async function storeBehindTheNetwork(): Promise<{ store: ControlStore; directUrl: string }> {
    const { directUrl, drop } = await createTestDatabase();
    onTestFinished(drop);
    network = await createFaultProxy(directUrl);
    onTestFinished(async () => await network.close());
    const store = await createPostgresStore({ connectionString: network.url });
    onTestFinished(async () => await store.close());
    return { store, directUrl };
  }

  it('costs a run nothing that is just being started, and it is started once', async () => {
    const { directUrl, drop } = await createTestDatabase();
    onTestFinished(drop);
    network = await createFaultProxy(directUrl);
    onTestFinished(async () => await network.close());
    // The store's tables are the first write, the plan's files the second one, and the run's first entry comes after that.
    network.atWrite(2, 'before', () => {
      network.cut();
      return 'drop';
    });
    const planFolder = writeSmallPlan();
    const given = ['--speed', '1000000', '--no-report', '--database', network.url];
    const run = crossfadeHere('run', planFolder, ...given);
    await until('the run to ask again', () => network.turnedAway() > 0 || undefined);
    network.heal();
    const { code, stdout } = await run;
    const said = stripVTControlCharacters(stdout);
    rmSync(planFolder, { recursive: true });
    expect(code).toBe(0);
    expect(said).toMatch(/^! the database postgres:.* is away: .*\. Waiting for it, 10 minutes at most\.$/m);
    expect(said).toMatch(/^✔ The database is back\.\nRun \S+ of small begins/m);
    const store = await createPostgresStore({ connectionString: directUrl });
    onTestFinished(async () => await store.close());
    const events = (await store.readJournal(0)).map(({ event }) => event.type);
    expect(events.filter((type) => type === 'run.started')).toHaveLength(1);
  });

  it('costs a run nothing that is about to be led', async () => {
    const { store, directUrl } = await storeBehindTheNetwork();
    await startRun(store, plan, 1_000_000);
    const lines: string[] = [];
    const tell = (line: string) => {
      lines.push(line);
      if (line.endsWith('at most.')) network.heal();
    };
    network.cut();
    const end = await driveRun({
      store,
      bound: plan,
      target: await openTarget(directUrl),
      databaseUrl: network.url,
      applicationUrls: [],
      display: plainDisplay(plan, tell),
      stopping: { signal: new AbortController().signal, release: () => undefined },
    });
    expect(end).toMatchObject({ status: 'completed' });
    expect(lines).toContain('✔ The database is back.');
  });

  it('ends a command that does not wait with words that name it', async () => {
    const failing = () => Promise.reject(away());
    const { directUrl, drop } = await createTestDatabase();
    onTestFinished(drop);
    const command = withPreparedStore({ database: directUrl }, failing);
    await expect(command).rejects.toThrow(
      /^the database postgres:.* is away: it gives no connection in time\. Start it/,
    );
  });
});
