import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';

const sql = `create table notes (id int primary key);
alter table messages add column note text;
update messages set note = 'once ' || coalesce(note, '');`;
const undo = `
-- crossfade:undo
alter table messages drop column if exists note;
drop table if exists notes;`;

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(
    'create table messages (id int primary key, body text); insert into messages values (1)',
  );
});
afterEach(async () => await database.drop());

const config = schemaStep.configSchema.parse({ file: 'a.sql' });
const worldOf = (runId: string, text: string) =>
  new StepWorld({ target: database.target, files: { 'a.sql': text }, runId });
const forward = async (world: StepWorld) =>
  await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'twice' });
const back = async (world: StepWorld) =>
  await driveStep(schemaStep, config, world, { direction: 'undo', fate: 'once', data: 'applying' });
const apply = async (runId: string, text = sql + undo) => await forward(worldOf(runId, text));
const digest = async () => (await catalogDigest(database.connection)).objects;

it('is not applied twice when another run has applied it, and is left to that run by the undo', async () => {
  expect(await apply('run-1')).toMatchObject({ end: 'done' });
  const applied = await digest();
  const second = worldOf('run-2', sql + undo);
  const what = expect.stringMatching(
    /^a\.sql, which run run-1 applied at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/,
  ) as string;
  expect(await forward(second)).toMatchObject({
    end: 'done',
    facts: { applied: { statements: 3, found: [what] } },
  });
  const { rows } = await database.connection.query('select note from messages');
  expect(rows).toEqual([{ note: 'once ' }]);
  expect(await back(second)).toMatchObject({ end: 'done', facts: { reverted: { left: [what] } } });
  expect(await digest()).toEqual(applied);
});

it('is refused when it was changed since: with both digests, when it was applied, and by which run', async () => {
  await apply('run-1');
  const before = await digest();
  expect(await apply('run-2', `create table more (id int);\n${sql}${undo}`)).toMatchObject({
    end: 'failed',
    reason: expect.stringMatching(
      /^a\.sql was changed after it was applied: run run-1 applied [0-9a-f]{12} at \d{4}-.* UTC and did not take it back, the file is [0-9a-f]{12} now.*: delete from crossfade_ledger\.files where run_id = 'run-1' and file = 'a\.sql'$/,
    ) as string,
  });
  expect(await digest()).toEqual(before);
});

it('of another plan has nothing to do with it, whatever it is called', async () => {
  await apply('run-1');
  const other = `create table more (id int);
-- crossfade:undo
drop table if exists more;`;
  const world = new StepWorld({
    target: database.target,
    files: { 'a.sql': other },
    runId: 'run-2',
    planName: 'another-plan',
  });
  expect(await forward(world)).toMatchObject({ end: 'done', facts: { applied: { found: [] } } });
  // And it is known still of which plan which is.
  expect(await apply('run-3', other)).toMatchObject({
    end: 'failed',
    reason: expect.stringContaining('a.sql was changed after it was applied: run run-1') as string,
  });
});

it('is known also from an earlier Crossfade, which did not note of which plan a file is', async () => {
  await apply('run-1');
  await database.connection.query('alter table crossfade_ledger.files drop column plan');
  expect(await apply('run-2')).toMatchObject({
    end: 'done',
    facts: { applied: { found: [expect.stringContaining('which run run-1 applied') as string] } },
  });
});

it('is the same file when its comments or its undo are others', async () => {
  await apply('run-1');
  expect(await apply('run-2', `-- by hand\n${sql}\n-- crossfade:undo\nselect 1;`)).toMatchObject({
    end: 'done',
  });
});

it('may be another when the earlier run has taken it back', async () => {
  const first = worldOf('run-1', sql + undo);
  await forward(first);
  await back(first);
  expect(await apply('run-2', `create table more (id int);\n${sql}${undo}`)).toMatchObject({ end: 'done' });
});

it('is applied anew when all that it made is gone, and is then that run’s to take back', async () => {
  await apply('run-1');
  await database.connection.query('drop table notes; alter table messages drop column note');
  const before = await digest();
  const second = worldOf('run-2', sql + undo);
  expect(await forward(second)).toMatchObject({ end: 'done', facts: { applied: { found: [] } } });
  await back(second);
  expect(await digest()).toEqual(before);
  expect(await apply('run-3', `create table more (id int);\n${sql}${undo}`)).toMatchObject({ end: 'done' });
});

it('is refused when a part of what it made is gone', async () => {
  await apply('run-1');
  await database.connection.query('alter table messages drop column note');
  expect(await apply('run-2')).toMatchObject({
    end: 'failed',
    reason: expect.stringContaining(
      'since then a part of it was taken away (column messages.note)',
    ) as string,
  });
});

describe('is refused when something else has changed what it made', () => {
  it.each([
    [
      'alter table notes alter column id type bigint',
      'column public.notes.id is "bigint not null", expected "integer not null"',
    ],
    [
      'alter table messages drop column note; alter table messages add column note int',
      'column public.messages.note is "integer", expected "text"',
    ],
  ])('%s', async (change, reason) => {
    await apply('run-1');
    await database.connection.query(change);
    expect(await apply('run-2')).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /^a\.sql: run run-1 applied it at .* UTC, and since then something else has changed it: /,
      ) as string,
    });
    expect(await apply('run-3')).toMatchObject({ reason: expect.stringContaining(reason) as string });
  });
});

it('may have got other parts since, which are not its own', async () => {
  await apply('run-1');
  await database.connection.query('alter table notes add column more int');
  expect(await apply('run-2')).toMatchObject({ end: 'done' });
});

describe('that names nothing', () => {
  const settings = `alter table messages alter column body set default 'none';
alter table messages alter column body set not null;
-- crossfade:undo
alter table messages alter column body drop not null, alter column body drop default;`;
  beforeEach(async () => {
    await database.connection.query(`update messages set body = ''`);
    await apply('run-1', settings);
  });

  it('is found where all is still so', async () => {
    expect(await apply('run-2', settings)).toMatchObject({
      facts: { applied: { found: [expect.stringContaining('run-1')] } },
    });
  });

  it('is refused where a part of it is not', async () => {
    await database.connection.query('alter table messages alter column body drop not null');
    expect(await apply('run-2', settings)).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining(
        `column public.messages.body is "text default 'none'::text", expected "text not null default 'none'::text"`,
      ) as string,
    });
  });

  it('is applied anew where nothing of it is', async () => {
    const before = await digest();
    await database.connection.query(
      'alter table messages alter column body drop not null, alter column body drop default',
    );
    expect(await apply('run-2', settings)).toMatchObject({ end: 'done', facts: { applied: { found: [] } } });
    expect(await digest()).toEqual(before);
  });
});
