import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Step } from '@crossfade/plan';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget('create table people (id int primary key)');
});
afterEach(async () => await database.drop());

const digest = async () => (await catalogDigest(database.connection)).objects;

const keep = (returns: string) =>
  `function public.keep() returns trigger language plpgsql as $$ begin return ${returns}; end $$`;

/** A plan of several steps: its files by their names, and changes. */
const files: Readonly<Record<string, string>> = {
  '1.sql': `create table notes (id int primary key, body varchar(20), old text, "from" int);
    create type mood as enum ('good');
    create ${keep('new')}`,
  '2.sql': `alter table public.notes add column mood mood; create index by_body on notes (body)`,
  '3.sql': `alter table notes drop column if exists old, alter column body type text;
    alter table notes add column person_id int references people (id)`,
  '5.sql': `alter type mood add value if not exists 'bad'; create or replace ${keep('null')}`,
};
const settings: readonly object[] = [
  { file: '1.sql' },
  { file: '2.sql' },
  { file: '3.sql' },
  {
    change: {
      add_column: { table: 'notes', column: 'state', type: 'text', default: `'open'`, not_null: true },
    },
  },
  { file: '5.sql' },
  { change: { add_check: { table: 'notes', name: 'short', check: 'length(body) < 9' } } },
];
const asApplied = [
  files['1.sql'],
  files['2.sql'],
  files['3.sql'],
  `alter table notes add column state text not null default 'open'`,
  files['5.sql'],
  'alter table notes add constraint short check (length(body) < 9)',
].join(';');

const plan: readonly Step[] = settings.map((written, index) => ({
  id: `step-${index + 1}`,
  type: 'schema',
  title: '',
  description: '',
  notice: null,
  at: null,
  after: [],
  config: schemaStep.configSchema.parse(written),
}));

/** Carries out the step with that number, which knows those that come after it. */
async function step(number: number, of: readonly Step[] = plan) {
  const withUndo = Object.entries(files).map(([name, sql]) => [
    name,
    `${sql};\n-- crossfade:undo\nselect 1;`,
  ]);
  const world = new StepWorld({
    target: database.directTarget,
    files: Object.fromEntries(withUndo) as Record<string, string>,
    stepId: `step-${number}`,
    laterSteps: of.slice(number),
  });
  const config = schemaStep.configSchema.parse(settings[number - 1]);
  return await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'twice' });
}

it('finds what another tool has made of the whole plan, step by step, though later steps have changed it since', async () => {
  await database.connection.query(asApplied);
  const before = await digest();
  const found = [];
  for (const [index] of settings.entries()) {
    const end = await step(index + 1);
    expect(end).toMatchObject({ end: 'done' });
    found.push(end.end === 'done' ? end.facts['applied'] : end.reason);
  }
  expect(found).toMatchObject([
    { found: ['table notes', 'type mood', 'function keep'] },
    { found: ['column notes.mood', 'index by_body'] },
    { found: ['column notes.person_id'] },
    { found: ['column notes.state'] },
    { found: [] },
    { found: ['constraint notes.short', 'what line 2 does'] },
  ]);
  expect(await digest()).toEqual(before);
});

it('finds what it has made of the first steps alone', async () => {
  await database.connection.query(`${files['1.sql']}; ${files['2.sql']}`);
  for (const [index] of settings.entries()) expect(await step(index + 1)).toMatchObject({ end: 'done' });
  const carriedOut = await digest();
  await database.connection.query(
    'drop table notes; drop type mood; drop function keep; delete from crossfade_ledger.migrations; ' +
      'delete from crossfade_ledger.adoptions; delete from crossfade_ledger.recipes',
  );
  await database.connection.query(asApplied);
  expect(carriedOut).toEqual(await digest());
});

it('does not find in what no step of the plan makes', async () => {
  await database.connection.query(asApplied);
  await database.connection.query('alter table notes add column stranger int');
  expect(await step(1)).toMatchObject({
    end: 'failed',
    reason: expect.stringContaining('column public.notes.stranger is there besides'),
  });
  await database.connection.query('alter table notes drop column stranger, alter column body type char(3)');
  expect(await step(1)).toMatchObject({
    end: 'failed',
    reason: expect.stringContaining(
      'column public.notes.body is "character(3)", expected "character varying(20)"',
    ),
  });
});

it('does not know steps of other plans', async () => {
  await database.connection.query(asApplied);
  expect(await step(1, plan.slice(0, 2))).toMatchObject({
    end: 'failed',
    reason: expect.stringContaining('column public.notes.person_id is there besides'),
  });
});
