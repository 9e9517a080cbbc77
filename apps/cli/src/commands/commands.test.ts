import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { withPreparedStore } from '../control.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { startRun } from '../start-run.ts';
import { crossfadeHere } from '../testing/crossfade-here.ts';
import {
  crossfade,
  startCrossfade,
  type CrossfadeEnd,
  type CrossfadeProcess,
} from '../testing/crossfade-process.ts';
import { smallPlanYaml, writeSmallPlan } from '../testing/small-plan.ts';
import { until } from '../testing/until.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-commands-${process.pid}`;
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});

const reportSchemaFile = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  '..',
  'docs',
  'reference',
  'report.schema.json',
);

const plan = writeSmallPlan();
afterAll(() => {
  for (const path of [plan, folder]) rmSync(path, { recursive: true, force: true });
});

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
async function makeDatabase(): Promise<void> {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
}
async function dropDatabase(): Promise<void> {
  await client.end();
  await database.drop();
}

function onDatabase(...given: string[]): Promise<CrossfadeEnd> {
  return crossfadeHere(...given, '--database', database.url);
}

async function sql<Row extends object>(text: string): Promise<Row[]> {
  return (await client.query<Row>(text)).rows;
}

const fast = ['--speed', '60000', '--lease-ms', '1000', '--json'];

/** A process of its own, at the plan's wait of an hour. */
async function startSlowRun(): Promise<CrossfadeProcess> {
  const given = ['--speed', '1', '--lease-ms', '1000', '--database', database.url];
  const slow = startCrossfade('run', plan, ...given);
  await journalled('"step":"pause","type":"step.waiting"');
  return slow;
}

/** Whether the journal holds this more than so many times. */
async function journalled(pattern: string, before = 0): Promise<void> {
  await until(`${pattern} in the journal`, async () => {
    const [table] = await sql<{ is: boolean }>(`SELECT to_regclass('crossfade.journal') IS NOT NULL AS is`);
    if (table?.is !== true) return undefined;
    const found = await sql(`SELECT seq FROM crossfade.journal WHERE body LIKE '%${pattern}%'`);
    return found.length > before || undefined;
  });
}

/** What a test begins with. */
async function succeeded(...given: string[]): Promise<void> {
  const { code, stderr } = await onDatabase(...given);
  if (code !== 0) throw new Error(`${given.join(' ')} ended with ${code}: ${stderr}`);
}

describe('crossfade run', { timeout: 90_000 }, () => {
  beforeEach(makeDatabase);
  afterEach(dropDatabase);

  it('carries a plan out, says so, and has nothing to do the second time', async () => {
    const { code, stdout } = await onDatabase('run', plan, ...fast);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ status: 'completed', runId: expect.any(String) });
    expect(await sql('SELECT id FROM public.small_things')).toEqual([]);
    const again = await onDatabase('run', plan, ...fast);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'completed' });
  });

  it('hears one Ctrl+C once, though the terminal and npm both deliver it, and stops in order', async () => {
    const slow = await startSlowRun();
    slow.process.kill('SIGINT');
    slow.process.kill('SIGINT');
    expect(await slow.ended).toMatchObject({ code: 4, signal: null });
  });

  it('stops in order when its terminal is gone, and gives the lease back', async () => {
    const slow = await startSlowRun();
    slow.process.kill('SIGHUP');
    expect(await slow.ended).toMatchObject({ code: 4, signal: null });
    expect(JSON.parse((await onDatabase('status', '--json')).stdout)).toMatchObject({ leader: null });
  });

  it('refuses a plan that was edited in the middle of its run, and goes on when it is put back', async () => {
    const slow = await startSlowRun();
    slow.process.kill('SIGTERM');
    expect((await slow.ended).code).toBe(4);
    const file = join(plan, 'plan.yaml');
    writeFileSync(file, smallPlanYaml.replace('for: 1h', 'for: 1s'));
    const edited = await onDatabase('run', plan, ...fast);
    expect(edited.code).toBe(2);
    expect(edited.stderr).toContain('edited');
    writeFileSync(file, smallPlanYaml);
    const starts = await sql(`SELECT seq FROM crossfade.journal WHERE body LIKE '%controller.started%'`);
    const resumed = startCrossfade('run', plan, '--lease-ms', '1000', '--database', database.url);
    await journalled('"type":"controller.started"', starts.length);
    resumed.process.kill('SIGTERM');
    expect((await resumed.ended).stdout).toContain('unfinished');
    expect((await onDatabase('rollback', '--json')).code).toBe(0);
    expect(await sql(`SELECT relname FROM pg_class WHERE relname = 'small_things'`)).toEqual([]);
  });

  it('is one run when it is started twice at once', async () => {
    const run = () => crossfade('run', plan, ...fast, '--database', database.url);
    const [one, two] = await Promise.all([run(), run()]);
    expect([one.code, two.code]).toEqual([0, 0]);
    const [journal] = await sql<{ runs: number }>(
      `SELECT count(DISTINCT run_id)::integer AS runs FROM crossfade.journal WHERE body LIKE '%"run.started"%'`,
    );
    expect(journal?.runs).toBe(1);
  });
});

describe('a plan with a mistake', () => {
  beforeAll(makeDatabase);
  afterAll(dropDatabase);

  const mistakes: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['garbage for a plan', { 'plan.yaml': '%PDF-1.4 \u0000 {[' }, /plan\.yaml/],
    [
      'a missing SQL file',
      { 'plan.yaml': smallPlanYaml.replace('sql/001.sql', 'sql/none.sql') },
      /sql\/none\.sql/,
    ],
    [
      'an unknown step',
      { 'plan.yaml': smallPlanYaml.replace('type: wait', 'type: weight') },
      /weight[\s\S]*wait/,
    ],
    [
      'a cycle',
      { 'plan.yaml': smallPlanYaml.replace('title: A table', 'title: A table\n        after: [pause]') },
      /pause/,
    ],
    [
      'a percentage of 120',
      { 'plan.yaml': smallPlanYaml.replace('percentage: 100', 'percentage: 120') },
      /120/,
    ],
    [
      'SQL that Postgres cannot read',
      { 'sql/001.sql': 'CREAT TABLE x;\n-- crossfade:undo\nSELECT 1;' },
      /CREAT/,
    ],
    ['an undo that is missing', { 'sql/001.sql': 'CREATE TABLE x (id integer);' }, /undo/],
  ];

  it.each(mistakes)('refuses %s, names it, and executes nothing', async (_name, changes, told) => {
    const bad = writeSmallPlan(changes);
    const end = await onDatabase('run', bad);
    rmSync(bad, { recursive: true });
    expect(end.code).toBe(2);
    expect(end.stdout + end.stderr).toMatch(told);
    expect(await sql(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'crossfade%'`)).toEqual([]);
  });

  it('tells scripts what is wrong with a plan, in one JSON document', async () => {
    const bad = writeSmallPlan({ 'plan.yaml': smallPlanYaml.replace('percentage: 100', 'percentage: 120') });
    const end = await onDatabase('run', bad, '--json');
    rmSync(bad, { recursive: true });
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({
      exitCode: 2,
      findings: [{ severity: 'error', file: 'plan.yaml', value: '120' }],
    });
  });
});

describe('after a run', () => {
  beforeAll(async () => {
    await makeDatabase();
    await succeeded('run', plan, ...fast);
  });
  afterAll(dropDatabase);

  it('crossfade status says where it stands', async () => {
    const { stdout, code } = await onDatabase('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/is completed[\s\S]*; it ended .* ago/);
    expect(stdout).toContain('new_thing: everybody');
  });

  it('crossfade flags switches off and on; --all works as npm passes it on', async () => {
    process.env['npm_config_all'] = 'true';
    const off = await onDatabase('flags', 'disable').finally(() => delete process.env['npm_config_all']);
    expect(off.stdout).toContain('new_thing: off for everybody');
    expect((await onDatabase('flags', 'list')).stdout).toContain('switched off');
    expect((await onDatabase('flags', 'enable', 'new_thing')).code).toBe(0);
    expect((await onDatabase('flags', 'list')).stdout).toContain('everybody');
  });

  it('crossfade flags refuses a flag that the plan does not have', async () => {
    const end = await onDatabase('flags', 'disable', 'newthing');
    expect(end).toMatchObject({ code: 2 });
    expect(end.stderr).toContain(
      'the plan has no flag newthing: expected new_thing; did you mean new_thing?',
    );
  });

  it('crossfade flags switches off what is named and nothing else, also when npm says --all', async () => {
    process.env['npm_config_all'] = 'true';
    try {
      expect(await onDatabase('flags', 'disable', 'nonsense')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('the plan has no flag nonsense'),
      });
    } finally {
      delete process.env['npm_config_all'];
    }
    expect(await onDatabase('flags', 'enable', 'nonsense', '--all')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--all and nonsense: name the flags, or say --all, not both'),
    });
    expect((await onDatabase('flags', 'list', 'new_thing')).stdout).toContain('new_thing  everybody');
  });

  it('crossfade flags list refuses a flag that there is not', async () => {
    expect(await onDatabase('flags', 'list', 'newthing')).toMatchObject({ code: 2, stdout: '' });
  });

  it("crossfade report takes the clients' log that it is given, and none in its place", async () => {
    const log = join(folder, 'some clients.jsonl');
    const at = Date.now() + 3_600_000;
    writeFileSync(log, `${JSON.stringify({ kind: 'request', at, action: 'read', ms: 7, ok: true })}\n`);
    const given = await onDatabase('report', '--clients', log, '--json');
    expect(JSON.parse(given.stdout)).toMatchObject({ requests: { total: 1 } });
    expect(await onDatabase('report', '--clients', `${log}.typo`)).toMatchObject({ code: 2, stdout: '' });
    const recomputed = await onDatabase('report', '--recompute', '--clients', `${log}.typo`);
    expect(recomputed.stderr).toContain('some clients.jsonl.typo: there is no such file');
  });

  it('crossfade report without a database does not pass over a log that it is given', async () => {
    const log = join(folder, 'report', 'report.json');
    expect((await crossfadeHere('report')).code).toBe(0);
    expect(await crossfadeHere('report', '--clients', log)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no database is known'),
    });
  });

  it('crossfade report derives every figure again', async () => {
    expect((await onDatabase('report')).stdout).toContain('small: completed');
    const again = await onDatabase('report', '--recompute');
    expect(again.stdout).toContain('agrees');
    expect(again.code).toBe(0);
  });

  it('the written report keeps to its published JSON Schema', () => {
    const schema: unknown = JSON.parse(readFileSync(reportSchemaFile, 'utf8'));
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema as object);
    validate(JSON.parse(readFileSync(join(folder, 'report', 'report.json'), 'utf8')));
    expect(validate.errors).toBeNull();
  });
});

describe('after a completed run was taken back', () => {
  beforeAll(async () => {
    await makeDatabase();
    await succeeded('run', plan, ...fast);
    await succeeded('rollback', '--reason', 'enough of it');
  });
  afterAll(dropDatabase);

  it('crossfade status and flags say so', async () => {
    const { stdout } = await onDatabase('status');
    expect(stdout).toContain('was taken back');
    expect(stdout).toMatch(/Taken back by \S+ because: enough of it/);
    expect((await onDatabase('flags', 'list')).stdout).toContain('nobody');
  });

  it('crossfade report tells of it, though it came after the report was written', async () => {
    const { stdout } = await onDatabase('report', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      run: { status: 'rolled_back' },
      flags: { new_thing: { audiences: [] } },
    });
    expect((await onDatabase('report', '--recompute')).stdout).toContain('agrees');
  });

  it('crossfade run begins the very same plan anew only when told so, and once', async () => {
    const runs = (): Promise<{ id: string }[]> =>
      sql(`SELECT run_id AS id FROM crossfade.journal WHERE body LIKE '%"run.started"%' ORDER BY seq`);
    const [taken] = await runs();
    const restarted = await onDatabase('run', plan, ...fast);
    expect(restarted.code).toBe(3);
    expect(JSON.parse(restarted.stdout)).toEqual({ status: 'rolled_back', runId: taken?.id });
    expect(await runs()).toHaveLength(1);
    const again = ['run', plan, '--again', taken?.id ?? '', ...fast, '--no-report'];
    expect((await onDatabase(...again)).code).toBe(0);
    expect((await onDatabase(...again)).code).toBe(0);
    expect(await runs()).toHaveLength(2);
  });

  it('crossfade report refuses to compare with another run', async () => {
    const file = join(folder, 'report', 'report.json');
    const written = readFileSync(file, 'utf8');
    writeFileSync(file, written.replace(/"journalEntries": \d+/, '"journalEntries": 1000'));
    const end = await onDatabase('report', '--recompute').finally(() => writeFileSync(file, written));
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('right database');
  });
});

describe('a run that has only begun', () => {
  beforeEach(async () => {
    await makeDatabase();
    // As after a controller that was killed at once.
    const { bound } = checkPlan(readPlanFolder(plan).files);
    if (!bound) throw new Error('the small plan is not valid');
    await withPreparedStore({ database: database.url }, (store) => startRun(store, bound, 1));
  });
  afterEach(dropDatabase);

  it('crossfade audit verify finds a changed entry', async () => {
    expect((await onDatabase('audit', 'verify')).code).toBe(0);
    await sql(`ALTER TABLE crossfade.journal DISABLE TRIGGER USER`);
    await sql(`UPDATE crossfade.journal SET body = replace(body, '"speed":1', '"speed":2') WHERE seq = 1`);
    const end = await onDatabase('audit', 'verify');
    expect(end.code).toBe(1);
    expect(end.stdout).toContain('entry 1');
  });

  it('crossfade run refuses another plan, and names the one that is unfinished', async () => {
    const other = writeSmallPlan({ 'plan.yaml': smallPlanYaml.replace('name: small', 'name: other') });
    const end = await onDatabase('run', other);
    rmSync(other, { recursive: true });
    expect(end.code).toBe(2);
    expect(end.stderr).toMatch(/run \S+ of small is unfinished, and one plan is carried out at a time/);
  });

  it('crossfade promote refuses a step that there is not, and says what waits', async () => {
    const end = await onDatabase('promote', 'tabel');
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(
      'tabel is no step of this plan; did you mean table? table: is about to begin.',
    );
  });
});

describe('where there is nothing', () => {
  beforeAll(makeDatabase);
  afterAll(dropDatabase);

  const answers: readonly (readonly [string, number, RegExp])[] = [
    ['status', 0, /No plan has been run on this database yet/],
    ['flags list', 2, /no plan has been run on this database yet/],
    ['rollback', 0, /No run to take back/],
    ['audit verify', 2, /no plan has been run on this database yet: there is no journal to verify/],
    ['report --recompute', 2, /no plan has been run on this database yet|no report at/],
  ];

  it.each(answers)('crossfade %s says so, without a stack', async (command, code, told) => {
    const end = await onDatabase(...command.split(' '));
    expect(end.code).toBe(code);
    expect(end.stdout + end.stderr).toMatch(told);
    expect(end.stdout + end.stderr).not.toMatch(/\n\s+at /);
  });

  it('and is left as it was', async () => {
    expect(await sql(`SELECT to_regnamespace('crossfade') AS schema`)).toEqual([{ schema: null }]);
  });

  it('no database: refused', async () => {
    const end = await crossfadeHere('status');
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('DATABASE_URL');
  });

  it('a database that cannot be reached: refused, named, and without its password', async () => {
    const url = 'postgres://ana:secret@127.0.0.1:1/parley';
    const end = await crossfadeHere('status', '--json', '--database', url);
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({ exitCode: 2 });
    expect(end.stderr).toContain('postgres://ana:***@127.0.0.1:1/parley');
    expect(end.stdout + end.stderr).not.toContain('secret');
  });

  it('a file in place of a folder: refused', async () => {
    const end = await crossfadeHere('init', join(plan, 'plan.yaml'));
    expect(end).toMatchObject({ code: 2 });
    expect(end.stderr).toContain('is a file');
  });

  it('an unknown command, option or plan: refused', async () => {
    expect((await crossfadeHere('explode')).code).toBe(2);
    expect((await crossfadeHere('run', '--speeed', '3')).code).toBe(2);
    expect((await crossfadeHere('run', '/nowhere')).code).toBe(2);
    expect((await crossfadeHere('run', plan, '--speed', 'fast')).code).toBe(2);
    const { code, stdout } = await crossfadeHere('status', '--bogus', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: "unknown option '--bogus'", exitCode: 2 });
  });

  it('a plan that is named where a URL is expected: refused, and no other plan is run in its place', async () => {
    const end = await onDatabase('run', '--app', 'http://127.0.0.1:3000', plan);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(`--app ${plan}: expected the URL`);
  });
});
