import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { exerciseStep } from '../testing/exercise-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { catalogDigest } from './catalog-digest.ts';
import { schemaStep } from './definition.ts';

/** What is there, and what is changed in it. */
const tables: Readonly<Record<string, { there: string; apply: readonly string[]; undo: string }>> = {
  'whose names need quoting': {
    there: `create schema "My App"; create table "My App"."Odd ""Names""" ("Group" int primary key, "user" text)`,
    apply: [
      `alter table "My App"."Odd ""Names""" add column "order by" text not null default 'a.b'`,
      `create index "By; User" on "My App"."Odd ""Names""" ("user", "order by")`,
    ],
    undo: `drop index if exists "My App"."By; User"; alter table "My App"."Odd ""Names""" drop column if exists "order by"`,
  },
  'with partitions': {
    there: `create table visits (id int, at date) partition by range (at);
            create table visits_2025 partition of visits for values from ('2025-01-01') to ('2026-01-01');
            insert into visits select n, '2025-03-04' from generate_series(1, 50) n`,
    apply: ['alter table visits add column note text', 'create index visits_by_note on visits (note, at)'],
    undo: 'drop index if exists visits_by_note; alter table visits drop column if exists note',
  },
  'that others inherit from': {
    there: 'create table base (id int primary key); create table child (more text) inherits (base)',
    apply: [
      'alter table base add column note text',
      'alter table base add constraint positive check (id > 0)',
    ],
    undo: 'alter table base drop constraint if exists positive; alter table base drop column if exists note',
  },
  'with generated columns and an identity': {
    there: `create table sums (id int generated always as identity primary key, n int, twice int generated always as (n * 2) stored)`,
    apply: [
      'alter table sums add column thrice int generated always as (n * 3) stored',
      'create index by_twice on sums (twice, thrice)',
    ],
    undo: 'drop index if exists by_twice; alter table sums drop column if exists thrice',
  },
  'with row security': {
    there: `create table secrets (id int primary key, owner text); alter table secrets enable row level security;
            alter table secrets force row level security; create policy own on secrets using (owner = current_user)`,
    apply: ['alter table secrets add column note text', 'create index by_owner on secrets (owner)'],
    undo: 'drop index if exists by_owner; alter table secrets drop column if exists note',
  },
  'that foreign keys point to, and that points to itself': {
    there: `create table people (id int primary key, boss int references people (id));
            create table letters (id int primary key, person int references people (id))`,
    apply: [
      'alter table people add column friend int references people (id)',
      'alter table people add constraint one_boss unique (id, boss)',
      'create table pets (id int primary key, owner int references people (id) on delete cascade)',
    ],
    undo:
      'drop table if exists pets; alter table people drop constraint if exists one_boss; ' +
      'alter table people drop column if exists friend',
  },
};

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget('select 1');
});
afterEach(async () => await database.drop());
const digest = async () => (await catalogDigest(database.connection)).objects;

describe.each(Object.entries(tables))('a table %s', (_, { there, apply, undo }) => {
  const files = { 'a.sql': `${apply.join(';\n')};\n-- crossfade:undo\n${undo};` };
  const createWorld = () => new StepWorld({ target: database.target, files });

  it('is changed and taken back, whatever happens in between', async () => {
    await database.connection.query(there);
    const before = await digest();
    await exerciseStep({
      type: schemaStep,
      settings: { file: 'a.sql' },
      createWorld,
      snapshot: digest,
      verifyDone: async () => {
        expect(await digest()).not.toEqual(before);
      },
    });
  });

  it('is left as it is when somebody has changed it so before', async () => {
    await database.connection.query(there);
    for (const statement of apply) await database.connection.query(statement);
    const before = await digest();
    const config = schemaStep.configSchema.parse({ file: 'a.sql' });
    const world = createWorld();
    const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
    expect(end).toMatchObject({ end: 'done', facts: { applied: { statements: apply.length } } });
    expect(end.end === 'done' && end.summary).toContain('was there already');
    expect(await digest()).toEqual(before);
    const back = { direction: 'undo', fate: 'once', data: end.data } as const;
    expect(await driveStep(schemaStep, config, world, back)).toMatchObject({ end: 'done' });
    expect(await digest()).toEqual(before);
  });
});
