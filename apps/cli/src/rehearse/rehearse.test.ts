import { existsSync, readFileSync, rmSync } from 'node:fs';
import { chown, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { findDumpPrograms, inspectEmbedded } from '@crossfade/local-postgres';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { noOlderServer, startOlderServer } from '../../../../tools/older-server.ts';
import { withPreparedStore } from '../control.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { checkPlan } from '../catalogs.ts';
import { startRun } from '../start-run.ts';
import { crossfadeHere } from '../testing/crossfade-here.ts';
import { writeSmallPlan } from '../testing/small-plan.ts';
import { startCrossfade, type CrossfadeEnd } from '../testing/crossfade-process.ts';
import { until } from '../testing/until.ts';
import { rehearsalSchema, type Rehearsal, type RehearsedLock } from './rehearsal-schema.ts';
import { startOwnSource, type OwnSource } from './testing/own-source.ts';
import { writePlanOfSteps } from './testing/plan-of-steps.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-rehearsals-${process.pid}`;
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});
const scratch = join(folder, 'rehearsal');
const root = join(import.meta.dirname, '..', '..', '..', '..');
const schemaFile = join(root, 'docs', 'reference', 'rehearsal.schema.json');

const tables = `
  create table kinds (code text primary key);
  insert into kinds values ('one'), ('two');
  create table people (id bigserial primary key, email text, kind text);
  insert into people (email, kind) select 'p' || n % 4999 || '@example.org', 'one' from generate_series(1, 5000) n;
  create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
  analyze;`;

let source: OwnSource;
const plans: string[] = [];
beforeAll(async () => void (source = await startOwnSource(tables)));
afterAll(async () => {
  await source.stop();
  for (const path of [folder, ...plans]) rmSync(path, { recursive: true, force: true });
});

function plan(...given: Parameters<typeof writePlanOfSteps>): string {
  const path = writePlanOfSteps(...given);
  plans.push(path);
  return path;
}

/** Without its colours. */
async function here(...words: string[]): Promise<CrossfadeEnd> {
  const { code, signal, stdout, stderr } = await crossfadeHere(...words);
  return { code, signal, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) };
}

async function rehearse(path: string, ...more: string[]): Promise<CrossfadeEnd> {
  return await here('rehearse', path, '--database', source.url, ...more);
}

async function rehearsed(
  path: string,
  ...more: string[]
): Promise<Rehearsal & { readonly code: number | null }> {
  const { code, stdout, stderr } = await rehearse(path, '--json', ...more);
  const told = rehearsalSchema.safeParse(JSON.parse(stdout)).data;
  if (!told) throw new Error(`no rehearsal: ${stderr}`);
  return { ...told, code };
}

/** `people: AccessExclusiveLock` … of a step, by the place of the statement that took them; what is covered is left out. */
function locksOf(
  { passes }: Rehearsal,
  pass: number,
  step: string,
): Record<string, Partial<RehearsedLock>[]> {
  const statements = passes[pass]?.steps.find((part) => part.step === step)?.statements ?? [];
  return Object.fromEntries(
    statements.map(({ file, line, locks }) => [
      `${file}:${line}`,
      locks
        .filter(({ covered }) => !covered)
        .map(({ table, index, mode, keepsOut }) => ({ table, index, mode, keepsOut })),
    ]),
  );
}

const good = {
  column: `-- A comment.
alter table people add column note text;
create table visits (id bigint primary key, person bigint references people);
-- crossfade:undo
drop table if exists visits;
alter table people drop column if exists note;
`,
  index: `create index concurrently people_kind on people (kind);
-- crossfade:undo
drop index concurrently if exists people_kind;
`,
};
const fill = `
      - { id: open, type: rollout, title: Open, description: "", flags: [thing], stages: [{ group: all, gates: [] }] }
      - { id: kinds, type: check, title: Kinds, description: "", sql: [{ title: kinds, query: select count(*) from kinds, expect: "2" }] }
      - { id: fill, type: backfill, title: Fill, description: "", table: people, key: id, set: { email: upper(email) },
          where: email <> upper(email), batch_size: 500, dual_write: application, undo: { set: { email: lower(email) } },
          pace: { rows: 100, every: 1s } }`;

/** A column gets another name and type, the old one goes, and something is built on that. */
function reshapingPlan(): string {
  const path = writeSmallPlan({
    'plan.yaml': `crossfade: 1
name: shapes
title: Shapes
calendar: { weeks: 1, start: week 1 monday }
gates:
  healthy: { type: health, title: Healthy, path: /readyz, checks: [database], require: all }
phases:
  - id: only
    title: Only phase
    steps:
      - { id: shape, type: reshape, title: Shape, table: people, key: id,
          columns: [{ from: kind, to: sort, type: varchar(20), up: "kind::varchar(20)", down: "sort::text" }] }
      - { id: look, type: check, title: Look, after: [shape], gates: [healthy],
          sql: [{ title: same, query: select count(*) from people where sort is distinct from kind, expect: "0" }] }
      - { id: drop, type: contract, title: Drop, after: [look], of: shape }
      - { id: after, type: schema, title: After, after: [drop], file: sql/after.sql }
`,
    'sql/after.sql': `create index concurrently people_sort on people (sort);
-- crossfade:undo
drop index concurrently if exists people_sort;
`,
  });
  plans.push(path);
  return path;
}

describe('crossfade rehearse', () => {
  it('goes forward, back and forward on a copy, tells every lock, and leaves original and disk as they were', async () => {
    const before = await source.state();
    const told = await rehearsed(plan(good, fill));
    expect(told).toMatchObject({
      code: 0,
      ok: true,
      problems: [],
      copy: { way: 'files', database: 'app', sample: null },
    });
    expect(told.passes.map(({ direction, steps }) => [direction, ...steps.map(({ step }) => step)])).toEqual([
      ['forward', 'kinds', 'fill', 'column', 'index'],
      ['undo', 'index', 'column', 'fill', 'kinds'],
      ['forward', 'kinds', 'fill', 'column', 'index'],
    ]);
    expect(told.notRehearsed).toEqual([{ step: 'open', type: 'rollout', why: 'needs people' }]);
    expect(locksOf(told, 0, 'column')).toEqual({
      'sql/column.sql:2': [{ table: 'people', index: null, mode: 'ACCESS EXCLUSIVE', keepsOut: 'everybody' }],
      'sql/column.sql:3': [],
    });
    const concurrently = {
      table: 'people',
      index: null,
      mode: 'SHARE UPDATE EXCLUSIVE',
      keepsOut: 'schema changes',
    };
    expect(locksOf(told, 0, 'index')['sql/index.sql:1']).toEqual([concurrently]);
    expect(told.longest.forward).toMatchObject({
      step: 'column',
      table: 'people',
      keepsOut: 'everybody',
      place: 'sql/column.sql:2',
    });
    const filled = told.passes[0]?.steps.find(({ step }) => step === 'fill');
    expect(filled).toMatchObject({ rows: 5000, pacedMs: 50_000 });
    const batches = filled?.statements.flatMap(({ locks }) => locks).filter(({ covered }) => !covered);
    // The first of a slice begins nowhere, and so reads otherwise than the nine that follow it.
    expect(new Set(batches?.map(({ table, keepsOut, times }) => `${table}: ${keepsOut}, ${times}`))).toEqual(
      new Set(['people: writers of the same rows, 1', 'people: writers of the same rows, 9']),
    );
    const validate = new Ajv2020().compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
    const { code: _, ...document } = told;
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(await source.state()).toEqual(before);
    expect((await source.client.query('select from pg_replication_slots')).rows).toEqual([]);
    expect(existsSync(scratch)).toBe(false);
  });

  it('goes back from a new shape of a table, and drops the old one only at the end', async () => {
    const before = await source.state();
    const told = await rehearsed(reshapingPlan());
    expect(told).toMatchObject({ code: 0, problems: [], undosNotTried: ['after'] });
    expect(told.passes.map(({ direction, steps }) => [direction, ...steps.map(({ step }) => step)])).toEqual([
      ['forward', 'shape', 'look'],
      ['undo', 'look', 'shape'],
      ['forward', 'shape', 'look', 'drop', 'after'],
    ]);
    expect(await source.state()).toEqual(before);
  });

  it('names what an undo leaves, takes along or changes', async () => {
    const bad = `alter table people add column extra text;
create index people_email on people (email);
create or replace function nothing() returns trigger language plpgsql as $$ begin return null; end $$;
grant select on people to pg_monitor;
comment on table people is 'everybody';
alter table people force row level security;
insert into kinds values ('three');
-- crossfade:undo
alter table people drop column if exists extra;
drop table if exists kinds;
`;
    const { code, stdout } = await rehearse(plan({ bad }));
    expect(code).toBe(1);
    expect(stdout).toContain('the undo of bad does not put back what was there: ');
    for (const what of [
      'index public.people_email is left',
      'relation public.kinds is gone',
      'function public.nothing() was CREATE',
      'rights on relation public.people is left',
      'comment on relation public.people is left',
      'row security of relation public.people is left',
    ])
      expect(stdout).toContain(what);
    const rows = `insert into kinds values ('three');
-- crossfade:undo
select 1;
`;
    const counted = await rehearsed(plan({ rows }));
    const [first, second] = counted.problems;
    expect(first).toBe('the undo of rows does not put back what was there: rows public.kinds was 2, is 3');
    expect(second).toContain('rows failed forward again: sql/rows.sql:1: duplicate key');
  });

  it.each([
    [
      'a key that is not unique',
      `alter table people add constraint one_each unique (email);`,
      'could not create unique index "one_each"',
    ],
    [
      'a null where there must be none',
      `alter table people alter column email set not null;`,
      'contains null values',
    ],
  ])('says where a statement fails on the data as it is: %s', async (_, statement, told) => {
    if (told.includes('null')) await source.client.query(`update people set email = null where id = 7`);
    const fails = `-- Fails.\n${statement}\n-- crossfade:undo\nselect 1;\n`;
    const { code, stdout } = await rehearse(plan({ ...good, fails }));
    await source.client.query(`update people set email = 'p7@example.org' where id = 7`);
    expect(stdout).toMatch(/✘ forward +2 of 3 steps/);
    expect(stdout).toContain('✘ fails failed forward: sql/fails.sql:2');
    expect(stdout).toContain(told);
    // What was done is taken back all the same; there is no second time.
    expect(stdout).toMatch(/✔ undo +3 steps/);
    expect(stdout).not.toContain('forward again');
    expect(code).toBe(1);
  });

  it('killed half-way it leaves no server, and the next one removes what is left', async () => {
    const slow = `
      - { id: slow, type: check, title: Slow, description: "", sql: [{ title: slow, query: select count(*) from pg_sleep(60), expect: "1" }] }`;
    const killed = startCrossfade('rehearse', plan(good, slow), '--database', source.url);
    await until('the rehearsal begins', () =>
      Promise.resolve(killed.stdout().includes('Forward') || undefined),
    );
    expect((await inspectEmbedded(scratch))?.serverPids).not.toEqual([]);
    killed.process.kill('SIGKILL');
    await killed.ended;
    await until(
      'its server is gone',
      async () => (await inspectEmbedded(scratch))?.serverPids.length === 0 || undefined,
    );
    expect(existsSync(scratch)).toBe(true);
    expect((await rehearsed(plan({ index: good.index }))).code).toBe(0);
    expect(existsSync(scratch)).toBe(false);
    expect((await source.client.query('select from pg_replication_slots')).rows).toEqual([]);
  });

  it('asked to stop, it removes the copy first', async () => {
    const slow = `
      - { id: slow, type: check, title: Slow, description: "", sql: [{ title: slow, query: select count(*) from pg_sleep(60), expect: "1" }] }`;
    const stopped = startCrossfade('rehearse', plan(good, slow), '--database', source.url);
    await until('the rehearsal begins', () =>
      Promise.resolve(stopped.stdout().includes('Forward') || undefined),
    );
    stopped.process.kill('SIGTERM');
    expect(await stopped.ended).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('the copy is removed'),
    });
    expect(existsSync(scratch)).toBe(false);
  });

  it('keeps the copy open with --keep, and says how to connect', async () => {
    const kept = startCrossfade('rehearse', plan({ index: good.index }), '--database', source.url, '--keep');
    await until('it says how', () => Promise.resolve(kept.stdout().includes('psql') || undefined));
    const [, file = '', port] =
      /PGPASSWORD="\$\(cat (.*)\)" psql -h 127.0.0.1 -p (\d+)/.exec(kept.stdout()) ?? [];
    const password = readFileSync(file, 'utf8').trim();
    const client = new Client({
      host: '127.0.0.1',
      port: Number(port),
      user: 'postgres',
      password,
      database: 'app',
    });
    await client.connect();
    expect((await client.query(`select to_regclass('people_kind') is not null as there`)).rows).toEqual([
      { there: true },
    ]);
    await client.end();
    kept.process.kill('SIGINT');
    expect((await kept.ended).code).toBe(0);
    expect(existsSync(scratch)).toBe(false);
  });

  it('refuses where there is too little disk, with both figures, before it copies anything', async () => {
    // As large as no disk of ours, and takes no room.
    const file = join(source.data, 'base', 'large');
    const handle = await open(file, 'w');
    await handle.truncate(8 * 1024 ** 4);
    await handle.close();
    const { uid, gid } = await stat(join(source.data, 'base'));
    await chown(file, uid, gid);
    const { code, stderr } = await rehearse(plan(good));
    await rm(file);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /too little free disk: about 12 TB are needed, and .* are free in .*--sample 10%/s,
    );
    expect(existsSync(scratch)).toBe(false);
  });

  it('refuses a plan that was carried out here already, and a sample that it cannot read', async () => {
    const path = plan({ index: good.index });
    const other = await startOwnSource(tables);
    const { bound } = checkPlan(readPlanFolder(path).files);
    if (!bound) throw new Error('the plan is not valid');
    await withPreparedStore({ database: other.url }, async (store) => await startRun(store, bound, 1));
    const { code, stderr } = await here('rehearse', path, '--database', other.url);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('is under way on this database'),
    });
    await other.stop();
    expect((await rehearse(path, '--sample', 'half')).stderr).toContain(
      '--sample half: expected a part of all rows such as 10%',
    );
  });

  it('a sample of an embedded database needs pg_dump: where it is missing, it is said what to install', async () => {
    const { code, stderr, stdout } = await rehearse(plan({ index: good.index }), '--sample', '10%');
    const [expectedCode, expected] = (await findDumpPrograms(18))
      ? [0, 'a sample: 10%']
      : [2, 'apt-get install postgresql-client-18'];
    expect({ code, told: stdout + stderr }).toEqual({
      code: expectedCode,
      told: expect.stringContaining(expected),
    });
  });
});

// Needs the machine's own Postgres, which .ci/run installs; where there is none, it is said what was not run.
describe('crossfade rehearse on a server elsewhere', () => {
  let stop = async (): Promise<void> => undefined;
  let url: string;
  beforeEach(({ skip }) => skip(noOlderServer !== undefined, noOlderServer));
  beforeAll(async () => {
    if (noOlderServer !== undefined) return;
    const server = await startOlderServer();
    url = server.url;
    stop = async () => await server.stop();
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(tables.replaceAll('5000', '50000'));
    await client.end();
  });
  afterAll(async () => await stop());

  it('copies it with pg_dump, and says that the versions differ', async () => {
    const { code, stdout } = await here('rehearse', plan(good), '--database', url);
    expect(stdout).toContain('all rows, copied with pg_dump');
    expect(stdout).toMatch(
      /The database itself runs on Postgres 1\d\.\d+.*there, locks and times may be others/s,
    );
    expect(code).toBe(0);
  });

  it('estimates from a sample how long it takes for all rows', async () => {
    const { code, stdout } = await crossfadeHere(
      'rehearse',
      plan(good, fill),
      '--database',
      url,
      '--sample',
      '10%',
      '--json',
    );
    const told = rehearsalSchema.parse(JSON.parse(stdout));
    expect(code).toBe(0);
    expect(told.copy.sample).toBe('10%');
    const people = told.copy.tables.find(({ table }) => table === 'people');
    expect(people?.fullRows).toBe(50_000);
    expect(people?.rows).toBeLessThan(6_000);
    const forward = told.passes[0]?.steps ?? [];
    const factor = 50_000 / (people?.rows ?? 1);
    expect(forward.find(({ step }) => step === 'fill')?.pacedMs).toBeCloseTo(500_000, -5);
    const [build] =
      forward.find(({ step }) => step === 'index')?.statements.flatMap(({ locks }) => locks) ?? [];
    expect(build?.fullHeldMs).toBeCloseTo((build?.heldMs ?? 0) * factor, 3);
    // A change of the catalog alone takes no longer for more rows.
    const [column] =
      forward.find(({ step }) => step === 'column')?.statements.flatMap(({ locks }) => locks) ?? [];
    expect(column?.fullHeldMs).toBeLessThan(1.5 * factor * (column?.heldMs ?? 0));
  });
});
