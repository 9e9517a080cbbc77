import { afterAll, beforeAll, expect, it } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(`
    create table messages (id bigint primary key, body text, number bigint not null, n serial, given bigint not null);
    insert into messages select g, 'hello', g, g, g from generate_series(1, 200000) g;
    create view seen as select * from messages;
    create table events (at integer not null, n integer) partition by range (at);
    create domain short as text check (length(value) < 10);
    create function anything() returns integer language plpgsql volatile as 'begin return 1; end';
  `);
});
afterAll(async () => await database.drop());

it.each<[object, string]>([
  [{ add_index: { table: 'nowhere', columns: ['id'] } }, 'there is no table nowhere in this database'],
  [{ add_index: { table: 'seen', columns: ['id'] } }, 'seen is no table that can be changed so'],
  [{ add_index: { table: 'messages', columns: ['bodi'] } }, 'messages has no column bodi'],
  [{ add_column: { table: 'messages', column: 'body', type: 'date' } }, 'was there before this run'],
  [{ add_column: { table: 'messages', column: 'c', type: 'colour' } }, 'type "colour" does not exist'],
  [
    { add_column: { table: 'messages', column: 'c', type: 'integer', default: `'x'` } },
    'invalid input syntax for type integer',
  ],
  [
    { add_column: { table: 'messages', column: 'c', type: 'short' } },
    'a column of type short makes Postgres write the whole table anew',
  ],
  [
    {
      add_column: { table: 'messages', column: 'c', type: 'integer', default: 'anything()', not_null: true },
    },
    'fill it with a backfill step, and then set_not_null',
  ],
  [{ add_identity: { table: 'messages', column: 'body' } }, 'messages.body may be NULL, an identity may not'],
  [{ add_identity: { table: 'messages', column: 'n' } }, 'messages.n has a default already (nextval('],
  [
    { add_identity: { table: 'messages', column: 'given' } },
    'the largest messages.given would be read from the whole table while everybody is kept out',
  ],
  [{ add_unique: { table: 'events', columns: ['n'] } }, 'must include all partitioning columns'],
])('%j is refused before anything is done', async (change, reason) => {
  const before = (await catalogDigest(database.connection)).objects;
  const world = new StepWorld({ target: database.directTarget, runId: JSON.stringify(change) });
  const config = schemaStep.configSchema.parse({ change });
  const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
  expect(end).toMatchObject({ end: 'failed', reason: expect.stringContaining(reason) });
  const undo = { direction: 'undo', fate: 'once', data: end.data } as const;
  expect(await driveStep(schemaStep, config, world, undo)).toMatchObject({ end: 'done' });
  expect((await catalogDigest(database.connection)).objects).toEqual(before);
});
