import { rmSync } from 'node:fs';
import type { RunEvent } from '@crossfade/engine';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { createPostgresStore, openPostgresStore } from '@crossfade/store';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPlan } from './catalogs.ts';
import { readPlanFolder } from './plan-folder.ts';
import { startRun } from './start-run.ts';
import { crossfadeHere } from './testing/crossfade-here.ts';
import { writeSmallPlan } from './testing/small-plan.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-target-${process.pid}`;
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});
const plan = writeSmallPlan();
afterAll(() => {
  for (const path of [plan, folder]) rmSync(path, { recursive: true, force: true });
});

let database: TestDatabase;
let other: TestDatabase;
beforeEach(async () => {
  [database, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([database.drop(), other.drop()]);
});

/** The journal's events; undefined where nobody has made one. */
async function journalled(): Promise<readonly RunEvent['type'][] | undefined> {
  const store = await openPostgresStore({ connectionString: database.url });
  if (!store) return undefined;
  const entries = await store.readJournal(0);
  await store.close();
  return entries.map(({ event }) => event.type);
}

/** As after a controller that was killed at once. */
async function beginRun(): Promise<void> {
  const { bound } = checkPlan(readPlanFolder(plan).files);
  if (!bound) throw new Error('the small plan is not valid');
  const store = await createPostgresStore({ connectionString: database.url });
  await startRun(store, bound, 100_000);
  await store.close();
}

const wrong: readonly (readonly [string, () => string, RegExp])[] = [
  ['is none', () => 'geheim', /DATABASE_DIRECT_URL \(not a URL\): expected postgres:/],
  ['leads to another database', () => other.directUrl, /DATABASE_DIRECT_URL leads to another database \("/],
  [
    'leads nowhere',
    () => 'postgres://ana:geheim@127.0.0.1:1/d',
    /cannot see whether DATABASE_DIRECT_URL postgres:\/\/ana:\*\*\*@127\.0\.0\.1:1\/d leads to the same database as postgres:.*: connect ECONNREFUSED/,
  ],
];

describe.each(wrong)('a direct address that %s', (_how, direct, told) => {
  it('is refused by crossfade run before anything is begun, and nothing is made', async () => {
    vi.stubEnv('DATABASE_DIRECT_URL', direct());
    const end = await crossfadeHere('run', plan, '--database', database.url);
    expect(end).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(told) });
    expect(end.stderr).not.toContain('geheim');
    expect(await journalled()).toBeUndefined();
  });

  it('hinders crossfade rollback only after the flags are off, which says what is left to do', async () => {
    await beginRun();
    vi.stubEnv('DATABASE_DIRECT_URL', direct());
    const stopped = await crossfadeHere('rollback', '--database', database.url);
    expect(stopped).toMatchObject({ code: 1, stderr: expect.stringMatching(told) });
    expect(stopped.stdout).toMatch(/^\S+ All flags of this plan are off\.\n$/);
    expect(stopped.stderr).toMatch(
      /^\S+ the flags of this plan are off; data and schema are not taken back yet: .*\. Mend that, and run the same command again$/m,
    );
    expect(await journalled()).toContain('rollback.requested');
  });
});

it('a roll-back that was hindered is finished by the same command', async () => {
  await beginRun();
  const rollback = async () => await crossfadeHere('rollback', '--database', database.url);
  vi.stubEnv('DATABASE_DIRECT_URL', 'geheim');
  expect(await rollback()).toMatchObject({ code: 1 });
  vi.stubEnv('DATABASE_DIRECT_URL', database.directUrl);
  expect(await rollback()).toMatchObject({ code: 0 });
  expect(await journalled()).toContain('rollback.completed');
});
