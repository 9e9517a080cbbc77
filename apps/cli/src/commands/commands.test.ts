import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { crossfade, startCrossfade, type CrossfadeEnd } from '../testing/crossfade-process.ts';
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

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let plan: string;
beforeEach(async () => {
  database = await createTestDatabase();
  plan = writeSmallPlan();
});
afterEach(async () => {
  rmSync(plan, { recursive: true, force: true });
  await database.drop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function onDatabase(...given: string[]): Promise<CrossfadeEnd> {
  return crossfade(...given, '--database', database.url);
}

async function sql<Row extends object>(text: string): Promise<Row[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const fast = ['--speed', '10000', '--lease-ms', '1000', '--json'];

describe('crossfade run', () => {
  it('carries a plan out, says so, and has nothing to do the second time', async () => {
    expect(await onDatabase('run', plan, ...fast)).toMatchObject({ code: 0, stderr: '' });
    expect(await sql('SELECT id FROM public.small_things')).toEqual([]);
    const again = await onDatabase('run', plan, ...fast);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ status: 'completed' });
  });

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
    const end = await crossfade('run', bad, '--database', database.url);
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

  it('hears one Ctrl+C once, though the terminal and npm both deliver it, and stops in order', async () => {
    const slow = startCrossfade('run', plan, '--speed', '1', '--database', database.url);
    await until('the wait', async () => {
      const { stdout } = await onDatabase('status', '--json');
      return stdout.includes('"pause"') ? true : undefined;
    });
    slow.process.kill('SIGINT');
    slow.process.kill('SIGINT');
    expect(await slow.ended).toMatchObject({ code: 4, signal: null });
  });

  it('refuses a plan that was edited in the middle of its run, and goes on when it is put back', async () => {
    const slow = startCrossfade(
      'run',
      plan,
      '--speed',
      '1',
      '--lease-ms',
      '1000',
      '--database',
      database.url,
    );
    await until('the wait', async () => {
      const { stdout } = await onDatabase('status', '--json');
      return stdout.includes('"pause"') ? true : undefined;
    });
    slow.process.kill('SIGTERM');
    expect((await slow.ended).code).toBe(4);
    const file = join(plan, 'plan.yaml');
    writeFileSync(file, smallPlanYaml.replace('for: 1h', 'for: 1s'));
    const edited = await onDatabase('run', plan, ...fast);
    expect(edited.code).toBe(2);
    expect(edited.stderr).toContain('edited');
    writeFileSync(file, smallPlanYaml);
    const resumed = startCrossfade('run', plan, '--lease-ms', '1000', '--database', database.url);
    await until('the resumed run', async () => {
      const { stdout } = await onDatabase('status', '--json');
      return stdout.includes('"controllerStarts": 2') ? true : undefined;
    });
    resumed.process.kill('SIGTERM');
    expect((await resumed.ended).stdout).toContain('unfinished');
    expect((await onDatabase('rollback', '--json')).code).toBe(0);
    expect(await sql(`SELECT relname FROM pg_class WHERE relname = 'small_things'`)).toEqual([]);
  });

  it('is one run when it is started twice at once', async () => {
    const [one, two] = await Promise.all([
      onDatabase('run', plan, ...fast),
      onDatabase('run', plan, ...fast),
    ]);
    expect([one.code, two.code]).toEqual([0, 0]);
    const [journal] = await sql<{ runs: number }>(
      `SELECT count(DISTINCT run_id)::integer AS runs FROM crossfade.journal WHERE body LIKE '%"run.started"%'`,
    );
    expect(journal?.runs).toBe(1);
  });
});

describe('after a run', () => {
  beforeEach(async () => {
    const { code, stderr } = await onDatabase('run', plan, ...fast);
    if (code !== 0) throw new Error(`the run ended with ${code}: ${stderr}`);
  });

  it('crossfade status says where it stands', async () => {
    const { stdout, code } = await onDatabase('status');
    expect(code).toBe(0);
    expect(stdout).toContain('is completed');
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
    expect(end.stderr).toContain('the plan has new_thing');
  });

  it('crossfade audit verify finds a changed entry', async () => {
    expect((await onDatabase('audit', 'verify')).code).toBe(0);
    await sql(`ALTER TABLE crossfade.journal DISABLE TRIGGER USER`);
    await sql(
      `UPDATE crossfade.journal SET body = replace(body, '"speed":10000', '"speed":20000') WHERE seq = 1`,
    );
    const end = await onDatabase('audit', 'verify');
    expect(end.code).toBe(1);
    expect(end.stdout).toContain('entry 1');
  });

  it('crossfade report derives every figure again', async () => {
    expect((await onDatabase('report')).stdout).toContain('small: completed');
    const again = await onDatabase('report', '--recompute');
    expect(again.stdout).toContain('agrees');
    expect(again.code).toBe(0);
  });

  it('crossfade report tells of a roll-back that came after the report was written', async () => {
    expect((await onDatabase('rollback')).code).toBe(0);
    const { stdout } = await onDatabase('report', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      run: { status: 'rolled_back' },
      flags: { new_thing: { audiences: [] } },
    });
    expect((await onDatabase('report', '--recompute')).stdout).toContain('agrees');
  });

  it('the written report keeps to its published JSON Schema', () => {
    const schema: unknown = JSON.parse(readFileSync(reportSchemaFile, 'utf8'));
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema as object);
    validate(JSON.parse(readFileSync(join(folder, 'report', 'report.json'), 'utf8')));
    expect(validate.errors).toBeNull();
  });

  it('crossfade report refuses to compare with another run', async () => {
    expect((await onDatabase('rollback')).code).toBe(0);
    expect((await onDatabase('run', plan, ...fast, '--no-report')).code).toBe(0);
    const file = join(folder, 'report', 'report.json');
    const written = readFileSync(file, 'utf8');
    writeFileSync(file, written.replace(/"journalEntries": \d+/, '"journalEntries": 1000'));
    const end = await onDatabase('report', '--recompute').finally(() => writeFileSync(file, written));
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('right database');
  });

  it('crossfade rollback takes a completed run back', async () => {
    expect((await onDatabase('rollback')).code).toBe(0);
    expect((await onDatabase('status')).stdout).toContain('was taken back');
    expect((await onDatabase('flags', 'list')).stdout).toContain('nobody');
  });
});

describe('where there is nothing', () => {
  const answers: readonly (readonly [string, number, RegExp])[] = [
    ['status', 0, /No plan has been run on this database yet/],
    ['flags list', 2, /no plan has been run on this database yet/],
    ['rollback', 0, /No run to take back/],
    ['audit verify', 0, /^\S+ 0 entries/],
    ['report --recompute', 2, /no plan has been run on this database yet|no report at/],
  ];

  it.each(answers)('crossfade %s says so, without a stack', async (command, code, told) => {
    const end = await onDatabase(...command.split(' '));
    expect(end.code).toBe(code);
    expect(end.stdout + end.stderr).toMatch(told);
    expect(end.stdout + end.stderr).not.toMatch(/\n\s+at /);
  });

  it('no database: refused', async () => {
    const end = await crossfade('status');
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('DATABASE_URL');
  });

  it('a database that cannot be reached: refused, named, and without its password', async () => {
    const url = 'postgres://ana:secret@127.0.0.1:1/parley';
    const end = await crossfade('status', '--json', '--database', url);
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({ exitCode: 2 });
    expect(end.stderr).toContain('postgres://ana:***@127.0.0.1:1/parley');
    expect(end.stdout + end.stderr).not.toContain('secret');
  });

  it('a file in place of a folder: refused', async () => {
    const end = await crossfade('init', join(plan, 'plan.yaml'));
    expect(end).toMatchObject({ code: 2 });
    expect(end.stderr).toContain('is a file');
  });

  it('an unknown command, option or plan: refused', async () => {
    expect((await crossfade('explode')).code).toBe(2);
    expect((await crossfade('run', '--speeed', '3')).code).toBe(2);
    expect((await crossfade('run', '/nowhere')).code).toBe(2);
    expect((await crossfade('run', plan, '--speed', 'fast')).code).toBe(2);
    const { code, stdout } = await crossfade('status', '--bogus', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({ error: "unknown option '--bogus'", exitCode: 2 });
  });

  it('a plan that is named where a URL is expected: refused, and no other plan is run in its place', async () => {
    const end = await onDatabase('run', '--app', 'http://127.0.0.1:3000', plan);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(`--app ${plan}: expected the URL`);
  });
});
