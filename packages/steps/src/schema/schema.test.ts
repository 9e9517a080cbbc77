import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { exerciseStep } from '../testing/exercise-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { catalogDigest } from './catalog-digest.ts';
import { schemaStep } from './definition.ts';

const together = `
create table user_keys (
  user_id uuid primary key references people(id),
  public_key text not null
);
alter table messages add column body_search tsvector;
create function keep_search() returns trigger language plpgsql as $$
begin
  new.body_search := to_tsvector('simple', new.body); -- a comment; with a semicolon
  return new;
end $$;
create trigger keep_search before insert or update of body on messages for each row execute function keep_search();
-- crossfade:undo
drop trigger if exists keep_search on messages;
drop function if exists keep_search();
alter table messages drop column if exists body_search;
drop table if exists user_keys;
`;

const alone = `
create index concurrently messages_by_person on messages (person_id);
alter table messages add column note text;
create index concurrently messages_by_note on messages (note);
-- crossfade:undo
drop index concurrently if exists messages_by_note;
alter table messages drop column if exists note;
drop index concurrently if exists messages_by_person;
`;

const files = { 'together.sql': together, 'alone.sql': alone };
const parse = (settings: object) => schemaStep.configSchema.parse({ file: 'together.sql', ...settings });

let database: TestTarget;
let world: StepWorld;
beforeEach(async () => {
  database = await createTestTarget(`
    create table people (id uuid primary key);
    create table messages (id uuid primary key, person_id uuid references people(id), body text);
    insert into people values ('00000000-0000-4000-8000-000000000001');
    insert into messages select gen_random_uuid(), '00000000-0000-4000-8000-000000000001', 'hello ' || n from generate_series(1, 500) n;
  `);
  world = createWorld();
});
afterEach(async () => await database.drop());

/** What runs outside of a transaction needs a session of its own. */
function createWorld(file?: string): StepWorld {
  const target = file === 'alone.sql' ? database.directTarget : database.target;
  return new StepWorld({ target, files });
}
const digest = async () => (await catalogDigest(database.connection)).objects;
/** Far enough that being cut off leaves something behind. */
const isBuilding = async () =>
  (await database.connection.query(`select from pg_stat_progress_create_index where phase like 'waiting%'`))
    .rows.length > 0;
const forward = async (settings: object) =>
  await driveStep(schemaStep, parse(settings), world, { direction: 'forward', fate: 'once' });

describe('schema', () => {
  it.each([
    ['together.sql', 'trigger public.messages.keep_search', /^O CREATE TRIGGER/],
    ['alone.sql', 'index public.messages_by_note', /^CREATE INDEX .*\(note\)$/],
  ])('applies %s and takes it back, whatever happens in between', async (file, object, definition) => {
    await exerciseStep({
      type: schemaStep,
      settings: { file },
      createWorld: () => createWorld(file),
      snapshot: digest,
      verifyDone: async (end) => {
        expect(end.summary).toBe(`applied ${file}`);
        expect((await digest())[object]).toMatch(definition);
      },
    });
  });

  it('leaves nothing of a transaction that fails in its middle', async () => {
    const before = await digest();
    world = new StepWorld({
      target: database.target,
      files: {
        'bad.sql':
          'create table a (n int); alter table nowhere add column n int;\n-- crossfade:undo\ndrop table if exists a;',
      },
    });
    const end = await forward({ file: 'bad.sql' });
    expect(end).toMatchObject({ end: 'failed', reason: expect.stringContaining('"nowhere" does not exist') });
    expect(await digest()).toEqual(before);
  });

  it('gives way while somebody holds the lock, and says who when its attempts are used up', async () => {
    const holder = await database.connect('parley-server');
    await holder.query('begin; select count(*) from messages');
    const end = await forward({ attempts: 1, lock_timeout: '30ms' });
    expect(end).toMatchObject({ end: 'failed' });
    expect(end.end === 'failed' && end.reason).toMatch(
      /^together.sql:6: no lock in 1 attempt of 30 ms over \d+ m?s .*; held on messages by parley-server for \w+ from \S+ \(process \d+, idle in transaction, open for [\d.]+ s\). What should not be open any more can be ended with: select pg_terminate_backend\(\d+\)$/,
    );
    expect(end.end === 'failed' && end.reason).not.toContain('count(');
    await holder.query('rollback');
    expect(await forward({})).toMatchObject({ end: 'done' });
  }, 20_000);

  it('waits for a transaction that is already old instead of making everybody queue behind it', async () => {
    const holder = await database.connect('a report');
    await holder.query('begin; select count(*), pg_sleep(0.2) from people');
    await holder.query('select count(*) from messages');
    const done = forward({ attempts: 1 });
    await vi.waitUntil(() => world.clock.slept.length > 5, { timeout: 10_000 });
    const { rows } = await database.connection.query<{ waiting: string }>(
      // Here: other databases of this server have waits of their own.
      `select count(*) as waiting from pg_locks l join pg_database d on d.oid = l.database
        where d.datname = current_database() and not l.granted`,
    );
    expect(rows[0]?.waiting).toBe('0');
    await holder.query('commit');
    expect(await done).toMatchObject({ end: 'done' });
  });
});

describe('what people have to wait for', () => {
  /** Looks at a table the way the application does, over and over; returns the longest time that one look took. */
  async function lookWhile(table: string, done: Promise<unknown>): Promise<number> {
    const person = await database.connect('a person');
    const looking = { goesOn: true };
    void done.finally(() => (looking.goesOn = false));
    let longestMs = 0;
    while (looking.goesOn) {
      const startedMs = performance.now();
      await person.query(`select from ${table} limit 1`);
      longestMs = Math.max(longestMs, performance.now() - startedMs);
    }
    return longestMs;
  }
  const undo = '\n-- crossfade:undo\nalter table messages drop column if exists note;';
  const migrate = (sql: string, settings: object) => {
    world = new StepWorld({ target: database.target, files: { 'long.sql': sql + undo } });
    return forward({ file: 'long.sql', ...settings });
  };

  it('is bounded while a statement works under the locks of an earlier one', async () => {
    const before = await digest();
    const done = migrate('alter table messages add column note text;\nselect pg_sleep(30);', {
      hold_timeout: '200ms',
    });
    expect(await lookWhile('messages', done)).toBeLessThan(15_000);
    expect(await done).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /^long.sql:2: was not done when it had kept others out .*\(lock_timeout 100 ms and hold_timeout 200 ms\), 4 times/,
      ),
    });
    expect(await digest()).toEqual(before);
  }, 60_000);

  it('is bounded while a statement waits for a lock under those of an earlier one', async () => {
    const holder = await database.connect('a report');
    await holder.query('begin; lock table people in row exclusive mode');
    const sql =
      'alter table messages add column note text;\ncreate trigger t after insert on people execute function pg_catalog.suppress_redundant_updates_trigger();';
    const done = migrate(sql, { lock_timeout: '200ms', statement_timeout: '60s', attempts: 1 });
    const end = await done;
    expect(end).toMatchObject({ end: 'failed', reason: expect.stringContaining('long.sql:2: no lock in 1') });
    expect(end.end === 'failed' && end.reason).toContain('held on people by a report');
  }, 60_000);

  it('ends when the controller stands still in the middle', async () => {
    const whole = database.target;
    let stoodStill: (() => void) | undefined;
    const standing = new Promise<void>((resolve) => (stoodStill = resolve));
    const person = await database.connect('a person');
    world = new StepWorld({
      target: {
        withConnection: async (options, work) =>
          await whole.withConnection(
            options,
            async (connection) =>
              await work({
                async query(text, parameters) {
                  const answer = await connection.query<never>(text, parameters);
                  if (text.includes('add column note')) {
                    stoodStill?.();
                    // Nobody but the server itself can let this one go on.
                    await person.query('select from messages limit 1');
                  }
                  return answer;
                },
              }),
          ),
      },
      files: { 'long.sql': `alter table messages add column note text;${undo}` },
    });
    const end = forward({ file: 'long.sql', hold_timeout: '200ms' });
    await standing;
    expect(await end).toMatchObject({ end: 'failed', reason: expect.stringMatching(/terminat|connection/i) });
    expect(await digest()).not.toHaveProperty(['column public.messages.note']);
  }, 30_000);

  it('is not bounded where nobody is kept out', async () => {
    await database.connection.query(
      'alter table messages add constraint c check (pg_sleep(0.002) is not null) not valid',
    );
    const sql = 'alter table messages validate constraint c;';
    expect(await migrate(sql, { hold_timeout: '1ms' })).toMatchObject({ end: 'done' });
  });
});

describe('an undo', () => {
  it('leaves alone the column that the migration has found there', async () => {
    await database.connection.query(
      `alter table messages add column note text; update messages set note = 'kept'`,
    );
    const before = await digest();
    world = createWorld('alone.sql');
    const end = await forward({ file: 'alone.sql' });
    expect(end).toMatchObject({ end: 'done', facts: { applied: { found: ['column messages.note'] } } });
    const undo = { direction: 'undo', fate: 'twice', data: end.data } as const;
    expect(await driveStep(schemaStep, parse({ file: 'alone.sql' }), world, undo)).toMatchObject({
      end: 'done',
    });
    expect(await digest()).toEqual(before);
    const { rows } = await database.connection.query(`select from messages where note = 'kept'`);
    expect(rows).toHaveLength(500);
  });

  it('names who stands in its way on a table that the dropped one points to', async () => {
    const end = await forward({});
    const holder = await database.connect('a report');
    await holder.query('begin; select from people');
    const settings = parse({ lock_timeout: '30ms', attempts: 1 });
    const undo = { direction: 'undo', fate: 'once', data: end.data } as const;
    const undone = await driveStep(schemaStep, settings, world, undo);
    expect(undone).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(/^together.sql:17: no lock .*held on people by a report/),
    });
  }, 20_000);
});

describe('an index that is built concurrently', () => {
  beforeEach(() => {
    world = createWorld('alone.sql');
  });

  it('is built again when a cut-off build left it invalid', async () => {
    await database.connection.query('create index concurrently messages_by_person on messages (person_id)');
    await database.connection.query(
      `update pg_index set indisvalid = false where indexrelid = 'messages_by_person'::regclass`,
    );
    expect(await forward({ file: 'alone.sql' })).toMatchObject({ end: 'done' });
    expect((await digest())['index public.messages_by_person']).not.toContain('invalid');
  });

  it('is refused when one of that name was there before, and the undo leaves that one alone', async () => {
    await database.connection.query('create index messages_by_note on messages (body)');
    const before = await digest();
    const end = await forward({ file: 'alone.sql' });
    expect(end).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('index public.messages_by_note is "CREATE INDEX'),
    });
    expect(await digest()).toEqual(before);
    const undo = { direction: 'undo', fate: 'twice', data: end.data } as const;
    expect(await driveStep(schemaStep, parse({ file: 'alone.sql' }), world, undo)).toMatchObject({
      end: 'done',
    });
    expect(await digest()).toEqual(before);
  });

  it('is not built beside one that a dead leader still builds', async () => {
    const inTheWay = await database.connect('a long report');
    await inTheWay.query('begin; update messages set body = body');
    const dead = await database.connect('crossfade/run-1/step');
    const deadBuild = dead.query('create index concurrently messages_by_person on messages (person_id)').then(
      () => 'built',
      () => 'ended',
    );
    await vi.waitUntil(isBuilding, { timeout: 10_000 });
    const done = forward({ file: 'alone.sql' });
    expect(await deadBuild).toBe('ended');
    await inTheWay.query('commit');
    expect(await done).toMatchObject({ end: 'done' });
    expect((await digest())['index public.messages_by_person']).not.toContain('invalid');
  }, 30_000);

  describe('whose build is cut off in its middle', () => {
    const config = parse({ file: 'alone.sql' });
    const effect = { key: 'k', kind: 'apply', input: null, config };
    async function cutOffABuild(): Promise<void> {
      const inTheWay = await database.connect('a long report');
      await inTheWay.query('begin; update messages set body = body');
      const stop = new AbortController();
      const cutShort = schemaStep
        .perform(effect, world.context(stop.signal))
        .catch((error: unknown) => error);
      await vi.waitUntil(isBuilding, { timeout: 10_000 });
      stop.abort();
      expect(await cutShort).toMatchObject({ name: 'AbortError' });
      await inTheWay.query('commit');
      expect((await digest())['index public.messages_by_person']).toContain('invalid');
    }

    it('is built anew by a successor', async () => {
      await cutOffABuild();
      world.token += 1;
      await schemaStep.perform(effect, world.context());
      expect((await digest())['index public.messages_by_person']).not.toContain('invalid');
      expect(await digest()).toHaveProperty(['index public.messages_by_note']);
    });

    it('is taken back', async () => {
      const before = await digest();
      await cutOffABuild();
      const undo = { direction: 'undo', fate: 'twice', data: 'applying' } as const;
      expect(await driveStep(schemaStep, config, world, undo)).toMatchObject({ end: 'done' });
      expect(await digest()).toEqual(before);
    });
  });
});

describe('fencing', () => {
  it('refuses a leader whose token is not the newest', async () => {
    world.token = 7;
    const end = await forward({});
    world.token = 6;
    const before = await digest();
    const undo = { direction: 'undo', fate: 'once', data: end.data } as const;
    expect(await driveStep(schemaStep, parse({}), world, undo)).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('fenced: another controller took over'),
    });
    expect(await digest()).toEqual(before);
  });
});
