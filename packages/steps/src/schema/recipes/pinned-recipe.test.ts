import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driveStep, type DriveEnd } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create table messages (id bigint primary key, body text, person_id bigint);
    create table numbers (n integer primary key);
    create table events (at integer, n integer) partition by range (at);
    create table events_1 partition of events for values from (0) to (100);
  `);
});
afterEach(async () => await database.drop());

const digest = async () => (await catalogDigest(database.connection)).objects;
const inRun = (runId: string) => new StepWorld({ target: database.directTarget, runId });
const config = (change: object) => schemaStep.configSchema.parse({ change });
const apply = async (world: StepWorld, change: object) =>
  await driveStep(schemaStep, config(change), world, { direction: 'forward', fate: 'once' });
const takeBack = async (world: StepWorld, change: object, { data }: DriveEnd) =>
  await driveStep(schemaStep, config(change), world, { direction: 'undo', fate: 'twice', data });

const byN = { add_index: { table: 'events', columns: ['n'] } };
const byPerson = { add_index: { table: 'messages', columns: ['person_id'] } };
const bodyNotNull = { set_not_null: { table: 'messages', column: 'body' } };

describe('what a change has become', () => {
  it('is what is taken back, though the table has got another partition since', async () => {
    const world = inRun('run-1');
    const end = await apply(world, byN);
    await database.connection.query(
      'create table events_2 partition of events for values from (100) to (200)',
    );
    expect(await digest()).toHaveProperty(['index public.events_2_n_idx']);
    expect(await takeBack(world, byN, end)).toMatchObject({ end: 'done' });
    expect(Object.keys(await digest()).filter((name) => name.startsWith('index public.events'))).toEqual([]);
    await apply(world, byN);
    expect(await digest()).toHaveProperty(['index public.events_2_n_idx']);
  });

  it('is taken back as it was made, though this server would do it in another way', async () => {
    const world = inRun('run-1');
    const end = await apply(world, byPerson);
    await database.connection.query(
      `update crossfade_ledger.recipes set revert = array['alter index messages_person_id_idx rename to of_older_days']`,
    );
    expect(await takeBack(world, byPerson, end)).toMatchObject({ end: 'done' });
    expect(await digest()).toHaveProperty(['index public.of_older_days']);
  });

  it('is thought over again while nothing of it was begun', async () => {
    const change = { add_check: { table: 'messages', name: 'said', check: `body <> ''` } };
    await database.connection.query('alter table messages add constraint said check (true)');
    const world = inRun('run-1');
    expect(await apply(world, change)).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(/said.* already exists|constraint public.messages.said/),
    });
    await database.connection.query('alter table messages drop constraint said');
    expect(await apply(world, change)).toMatchObject({ end: 'done' });
  });
});

describe('a change that another run has made', () => {
  it.each([
    byPerson,
    bodyNotNull,
    byN,
    { add_unique: { table: 'events', columns: ['at', 'n'] } },
    { add_unique: { table: 'messages', columns: ['person_id'] } },
    { add_check: { table: 'events', name: 'small', check: 'n < 9' } },
    { add_column: { table: 'events', column: 'key', type: 'uuid', default: 'gen_random_uuid()' } },
    {
      add_foreign_key: {
        table: 'events',
        columns: ['n'],
        references: { table: 'numbers', columns: ['n'] },
      },
    },
  ])('is found, and left to that run: %j', async (change) => {
    const before = await digest();
    const [first, second] = [inRun('run-1'), inRun('run-2')];
    const made = await apply(first, change);
    const after = await digest();
    const found = await apply(second, change);
    expect(found).toMatchObject({ end: 'done' });
    expect(await digest()).toEqual(after);
    expect(await takeBack(second, change, found)).toMatchObject({ end: 'done' });
    expect(await digest()).toEqual(after);
    expect(await takeBack(first, change, made)).toMatchObject({ end: 'done' });
    expect(await digest()).toEqual(before);
  });

  it('is made again where somebody has taken it away since', async () => {
    await apply(inRun('run-1'), byPerson);
    await database.connection.query('drop index messages_person_id_idx');
    expect(await apply(inRun('run-2'), byPerson)).toMatchObject({ end: 'done' });
    expect(await digest()).toHaveProperty(['index public.messages_person_id_idx']);
  });

  it.each([
    [
      byPerson,
      'drop index messages_person_id_idx; create index messages_person_id_idx on messages (id)',
      'expected "CREATE INDEX messages_person_id_idx ON public.messages USING btree (person_id)"',
    ],
    [
      byN,
      'drop index events_n_idx; create index events_n_idx on events (at); alter index events_1_at_idx rename to events_1_n_idx',
      'index public.events_1_n_idx is "CREATE INDEX events_1_n_idx ON public.events_1 USING btree (at)"',
    ],
  ])('is refused where something else bears the name by now: %j', async (change, since, reason) => {
    await apply(inRun('run-1'), change);
    await database.connection.query(since);
    const found = await apply(inRun('run-2'), change);
    expect(found).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /^step step: run run-1 made this change at .*, and since then something else has changed it: /,
      ),
    });
    expect(found).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  it('is refused where only a part of it is still there', async () => {
    const change = { add_unique: { table: 'messages', columns: ['body'] } };
    await apply(inRun('run-1'), change);
    await database.connection.query(
      'alter table messages drop constraint messages_body_key; create unique index messages_body_key on messages (body)',
    );
    expect(await apply(inRun('run-2'), change)).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /run run-1 made this change at .*a part of it was taken away \(constraint messages_body_key\): expected all of it/,
      ),
    });
  });
});
