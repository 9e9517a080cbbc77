import { afterEach, beforeEach, expect, it } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create table people (id bigint primary key);
    create table messages (id bigint primary key, person_id bigint, number bigint, body text);
  `);
});
afterEach(async () => await database.drop());

const digest = async () => (await catalogDigest(database.connection)).objects;

const byPerson = { add_index: { table: 'messages', columns: ['person_id'] } };
const numberUnique = { add_unique: { table: 'messages', columns: ['number'] } };
const toPeople = {
  add_foreign_key: {
    table: 'messages',
    columns: ['person_id'],
    references: { table: 'people', columns: ['id'] },
  },
};

it.each<[string, object]>([
  ['create index on messages (person_id)', byPerson],
  ['alter table messages add unique (number)', numberUnique],
  ['alter table messages add foreign key (person_id) references people (id)', toPeople],
  [
    'alter table messages alter column body set not null',
    { set_not_null: { table: 'messages', column: 'body' } },
  ],
  [
    `alter table messages add column state text not null default 'open'`,
    {
      add_column: { table: 'messages', column: 'state', type: 'text', default: `'open'`, not_null: true },
    },
  ],
  [
    'alter table messages add constraint short check (length(body) < 9)',
    { add_check: { table: 'messages', name: 'short', check: 'length(body) < 9' } },
  ],
])('what %s made is found, gets no twin, and stays when the step is taken back', async (sql, change) => {
  await database.connection.query(sql);
  const before = await digest();
  const config = schemaStep.configSchema.parse({ change });
  const world = new StepWorld({ target: database.directTarget });
  const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'twice' });
  expect(end).toMatchObject({ end: 'done' });
  expect(await digest()).toEqual(before);
  const undo = { direction: 'undo', fate: 'twice', data: end.data } as const;
  expect(await driveStep(schemaStep, config, world, undo)).toMatchObject({ end: 'done' });
  expect(await digest()).toEqual(before);
});

it.each<[string, object]>([
  ['create index messages_person_id_idx on messages (person_id) where id > 5', byPerson],
  ['create index messages_person_id_idx on messages (id)', byPerson],
])('what %s made bears the name of another, and is refused', async (sql, change) => {
  await database.connection.query(sql);
  const before = await digest();
  const config = schemaStep.configSchema.parse({ change });
  const world = new StepWorld({ target: database.directTarget });
  const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
  expect(end).toMatchObject({ end: 'failed', reason: expect.stringContaining('was there before this run') });
  expect(await digest()).toEqual(before);
});

it('gives way to a name that is taken elsewhere', async () => {
  await database.connection.query('create table messages_person_id_idx (n int)');
  const config = schemaStep.configSchema.parse({ change: byPerson });
  const world = new StepWorld({ target: database.directTarget });
  await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
  expect(await digest()).toHaveProperty(['index public.messages_person_id_idx1']);
});
