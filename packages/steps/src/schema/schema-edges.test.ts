import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { catalogDigest } from './catalog-digest.ts';
import { schemaStep } from './definition.ts';

const config = schemaStep.configSchema.parse({ file: 'a.sql' });

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget('create table messages (id int primary key, body text)');
});
afterEach(async () => await database.drop());

/** Past any pooler: what is built CONCURRENTLY needs a session of its own. */
const worldWith = (sql: string, undo = 'select 1;') =>
  new StepWorld({
    target: database.directTarget,
    files: { 'a.sql': `${sql}\n-- crossfade:undo\n${undo}` },
  });
const apply = async (sql: string) =>
  await driveStep(schemaStep, config, worldWith(sql), { direction: 'forward', fate: 'once' });
const takeBack = async (world: StepWorld) =>
  await driveStep(schemaStep, config, world, { direction: 'undo', fate: 'once', data: 'applying' });

describe('an index that is built CONCURRENTLY', () => {
  const build = 'create index concurrently by_body on messages (body);';

  it.each([
    ['create table by_body (n int)', 'index public.by_body is not there, or is something else'],
    [
      'create index by_body on messages (id)',
      'expected "CREATE INDEX by_body ON public.messages USING btree (body)"',
    ],
  ])('does not replace what bears its name: %s', async (before, reason) => {
    await database.connection.query(before);
    expect(await apply(build)).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining(
        `${reason}. It is not ours to replace: rename it, or leave the statement out of the plan`,
      ),
    });
  });
});

describe('an index for which the disk has no room', () => {
  const build = 'create index concurrently by_place on messages (public.place_of(body));';
  const undo = 'drop index concurrently if exists by_place;';

  /** The server says what it says when a file cannot grow; from `make_room` on it can. */
  async function fillDisk(): Promise<void> {
    await database.connection.query(`
      insert into messages values (1, 'one'), (2, 'two');
      create table full_disk ();
      create function place_of(text) returns text language plpgsql immutable as $$ begin
        if to_regclass('public.full_disk') is not null then
          raise exception 'could not extend file "base/1/2": No space left on device' using errcode = '53100';
        end if;
        return $1;
      end $$`);
  }

  it('is told with what the server says, and built in the place of what was left once there is room', async () => {
    await fillDisk();
    const world = worldWith(build, undo);
    const run = async () =>
      await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
    expect(await run()).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(/^a\.sql:1: .*No space left on device/),
    });
    await database.connection.query('drop table full_disk');
    expect(await run()).toMatchObject({ end: 'done' });
    const { rows } = await database.connection.query(
      `select c.relname, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indrelid = 'messages'::regclass and not i.indisprimary`,
    );
    expect(rows).toEqual([{ relname: 'by_place', indisvalid: true }]);
  });

  it('leaves no part of it when the step is taken back', async () => {
    const { objects: before } = await catalogDigest(database.connection);
    await fillDisk();
    const world = worldWith(build, undo);
    await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
    expect(await takeBack(world)).toMatchObject({ end: 'done' });
    await database.connection.query('drop function place_of; drop table full_disk');
    expect((await catalogDigest(database.connection)).objects).toEqual(before);
  });
});

describe('an index that somebody else builds under the same name', () => {
  const build = 'create index concurrently by_body on messages (body);';
  const undo = 'drop index concurrently if exists by_body;';

  it('is not dropped while they are at it, though the server does not show their build', async () => {
    const other = await database.connect('another tool');
    // As a build by another role looks like from here: not valid, without progress, and its table locked.
    await other.query(`insert into messages values (1, 'twice'), (2, 'twice')`);
    await expect(other.query('create unique index concurrently by_body on messages (body)')).rejects.toThrow(
      'could not create unique index',
    );
    await other.query('begin; lock table messages in share update exclusive mode');
    const patient = schemaStep.configSchema.parse({ file: 'a.sql', attempts: 3 });
    const world = worldWith(build, undo);
    const end = await driveStep(schemaStep, patient, world, { direction: 'forward', fate: 'once' });
    expect(end).toMatchObject({ end: 'failed', reason: expect.stringContaining('another tool') });
    const there = async () =>
      (await database.connection.query(`select from pg_class where relname = 'by_body'`)).rowCount;
    expect(await there()).toBe(1);
    await other.query('commit');
    world.token += 1;
    expect(await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' })).toMatchObject({
      end: 'done',
    });
    expect((await catalogDigest(database.connection)).objects['index public.by_body']).not.toContain(
      'invalid',
    );
  });

  it('just before us is theirs: it is not taken back with us', async () => {
    const other = await database.connect('another tool');
    const world = worldWith(build, undo);
    const target = world.target;
    world.target = {
      withConnection: async (options, work) =>
        await target.withConnection(
          options,
          async (connection) =>
            await work({
              ...connection,
              async query(text, parameters) {
                if (text.startsWith('create index'))
                  await other.query('create index by_body on messages (body)');
                return await connection.query(text, parameters);
              },
            }),
        ),
    };
    const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
    expect(end).toMatchObject({ end: 'failed', reason: expect.stringContaining('"by_body" already exists') });
    world.target = target;
    expect(await takeBack(world)).toMatchObject({ end: 'done' });
    expect((await catalogDigest(database.connection)).objects).toHaveProperty(['index public.by_body']);
  });
});

describe('an index that the undo builds again', () => {
  const world = () =>
    worldWith('drop index concurrently by_body;', 'create index concurrently by_body on messages (body);');

  it.each([true, false])('is not taken for one of that name on another table (valid: %s)', async (valid) => {
    const { connection } = database;
    await connection.query('create index by_body on messages (body); create table others (body text)');
    const dropping = world();
    await driveStep(schemaStep, config, dropping, { direction: 'forward', fate: 'once' });
    await connection.query('create index by_body on others (body)');
    await connection.query(
      `update pg_index set indisvalid = ${valid} where indexrelid = 'public.by_body'::regclass`,
    );
    expect(await takeBack(dropping)).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('public.by_body was there before this run: it is not ours to replace'),
    });
    const { rows } = await connection.query(
      `select indrelid::regclass::text as table from pg_index where indexrelid = 'public.by_body'::regclass`,
    );
    expect(rows).toEqual([{ table: 'others' }]);
  });
});

it('is taken back from where its first statement failed, past the rename that it never came to', async () => {
  const { connection } = database;
  await connection.query(`insert into messages values (1, 'same'), (2, 'same')`);
  const before = (await catalogDigest(connection)).objects;
  const failing = worldWith(
    'create unique index concurrently by_body on messages (body); alter table messages rename column body to text;',
    'alter table messages rename column text to body; drop index concurrently if exists by_body;',
  );
  expect(await driveStep(schemaStep, config, failing, { direction: 'forward', fate: 'once' })).toMatchObject({
    end: 'failed',
    reason: expect.stringContaining('could not create unique index'),
  });
  expect((await catalogDigest(connection)).objects).toHaveProperty(['index public.by_body']);
  expect(await takeBack(failing)).toMatchObject({ end: 'done' });
  expect((await catalogDigest(connection)).objects).toEqual(before);
});

it('does not go on with a file that is not the one that this run began', async () => {
  expect(await apply('create index concurrently i on messages (body);')).toMatchObject({ end: 'done' });
  expect(await apply('\ncreate index concurrently i on messages (id);')).toMatchObject({
    end: 'failed',
    reason: 'step step: statement 1 (line 2) is not the one that this run began',
  });
});

it('is tried again when it met somebody else in a deadlock', async () => {
  const { connection } = database;
  await connection.query('create table first (id int); create table second (id int)');
  const other = await database.connect('somebody else');
  // The server then finds it out from our side, and ends ours.
  await other.query(`set deadlock_timeout = '1min'; begin; lock table second in access exclusive mode`);
  const world = worldWith('alter table first add column n int; alter table second add column n int;');
  const patient = schemaStep.configSchema.parse({ file: 'a.sql', lock_timeout: '20s', hold_timeout: '20s' });
  const done = driveStep(schemaStep, patient, world, { direction: 'forward', fate: 'once' });
  const waiting = `select from pg_locks where relation = 'second'::regclass and not granted`;
  await vi.waitUntil(async () => (await connection.query(waiting)).rows.length > 0, { timeout: 10_000 });
  await other.query('lock table first in access exclusive mode');
  await other.query('commit');
  expect(await done).toMatchObject({ end: 'done' });
  expect(world.progress.map(({ note }) => note).some((note) => note.startsWith('gave way'))).toBe(true);
});
