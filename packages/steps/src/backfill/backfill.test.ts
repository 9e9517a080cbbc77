import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driveStep, type DriveEnd } from '../testing/drive-step.ts';
import { exerciseStep } from '../testing/exercise-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { backfillStep } from './definition.ts';
import { retryQuarantined } from './retry-quarantined.ts';

const rows = 2_500;
const setUp = `
  create table messages (id uuid primary key default gen_random_uuid(), body text not null, copy text);
  insert into messages (body) select 'message ' || n from generate_series(1, ${rows}) n;
  create function keep_copy() returns trigger language plpgsql as $$ begin new.copy := upper(new.body); return new; end $$;
  create trigger keep_copy before insert or update of body on messages for each row execute function keep_copy();
`;
const settings = {
  table: 'messages',
  key: 'id',
  set: { copy: 'upper(body)' },
  where: 'copy is null',
  batch_size: 100,
  dual_write: 'trigger',
  undo: { set: { copy: 'null' } },
};
const parse = (changes: object = {}) => backfillStep.configSchema.parse({ ...settings, ...changes });

let database: TestTarget;
let world: StepWorld;
beforeEach(async () => {
  database = await createTestTarget(setUp);
  world = createWorld();
});
afterEach(async () => await database.drop());

function createWorld(): StepWorld {
  return new StepWorld({ target: database.target, speed: 1 });
}
const forward = async (changes: object = {}) =>
  await driveStep(backfillStep, parse(changes), world, { direction: 'forward', fate: 'once' });

async function all<Row extends object>(sql: string): Promise<readonly Row[]> {
  return (await database.connection.query<Row>(sql)).rows;
}
const messages = async () =>
  await all<{ id: string; body: string; copy: string | null }>('select * from messages order by id');

async function somebodyWaits(): Promise<boolean> {
  return (
    (
      await all(
        'select from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0',
      )
    ).length > 0
  );
}

function factsOf(end: DriveEnd): Record<string, unknown> {
  if (end.end === 'failed') throw new Error(end.reason);
  return end.facts;
}

/** Holds at every commit, so whenever the test looks. */
async function account(): Promise<{ passed: number; accounted: number; batches: number }> {
  const [row] = await all<{ passed: number; accounted: number; batches: number }>(
    `select sum(passed)::float8 as passed, sum(migrated + skipped + quarantined + vanished)::float8 as accounted,
            sum(batches)::float8 as batches
       from crossfade_ledger.slices having count(*) > 0`,
  ).catch(() => []);
  return row ?? { passed: 0, accounted: 0, batches: 0 };
}

describe('backfill', () => {
  it('fills every row and takes it back, whatever happens in between', async () => {
    await exerciseStep({
      type: backfillStep,
      settings,
      createWorld,
      snapshot: messages,
      verifyDone: async (end) => {
        expect(end.facts).toMatchObject({
          rows,
          migrated: rows,
          skipped: 0,
          quarantined: 0,
          vanished: 0,
          remaining: 0,
        });
        expect((await messages()).every(({ body, copy }) => copy === body.toUpperCase())).toBe(true);
      },
    });
  });

  it('keeps what was filled where the plan says so', async () => {
    const end = await forward({ undo: 'keep' });
    const undo = { direction: 'undo', fate: 'twice', data: end.data } as const;
    expect(await driveStep(backfillStep, parse({ undo: 'keep' }), world, undo)).toMatchObject({
      end: 'done',
    });
    expect((await messages()).every(({ copy }) => copy !== null)).toBe(true);
  });

  it('takes nothing back when it never began', async () => {
    await database.connection.query(`update messages set copy = 'done long ago'`);
    const undo = { direction: 'undo', fate: 'once', data: 'filling' } as const;
    expect(await driveStep(backfillStep, parse(), world, undo)).toMatchObject({ end: 'done' });
    expect((await messages()).every(({ copy }) => copy === 'done long ago')).toBe(true);
  });

  it('is done at once with a table that has no rows', async () => {
    await database.connection.query('truncate messages');
    expect(factsOf(await forward())).toMatchObject({ rows: 0, migrated: 0, remaining: 0, rowsPerSecond: 0 });
  });

  it.each(['batch', 'changed', 'counted', 'aside', 'open'])(
    'fills a table of any name, such as %s',
    async (table) => {
      await database.connection.query(`alter table messages rename to "${table}"`);
      const end = await forward({ table });
      expect(factsOf(end)).toMatchObject({ rows, migrated: rows, remaining: 0, verified: rows });
    },
  );

  it('counts rows that were done already as skipped', async () => {
    await database.connection.query(
      `update messages set body = body where id in (select id from messages limit 40)`,
    );
    expect(factsOf(await forward())).toMatchObject({ rows, migrated: rows - 40, skipped: 40 });
  });

  it.each([
    ['bigint', 'generate_series(1, 350) n'],
    ['text', `(select 'k' || n as n from generate_series(1, 350) n) s`],
  ])('finds its way by a key of type %s', async (type, source) => {
    await database.connection.query(
      `create schema app; create table app.things (id ${type} primary key, done boolean not null default false);
       insert into app.things (id) select n from ${source}`,
    );
    const end = await forward({
      table: 'app.things',
      set: { done: 'true' },
      where: 'not done',
      undo: 'keep',
    });
    expect(factsOf(end)).toMatchObject({ rows: 350, migrated: 350, remaining: 0 });
  });

  it('keeps to the pace of the plan, in rows a second at the speed of the run', async () => {
    await database.connection.query(
      `delete from messages where id not in (select id from messages limit 60)`,
    );
    const end = await forward({ pace: { rows: 20, every: '1s' } });
    expect(factsOf(end)).toMatchObject({
      rows: 60,
      effectiveRowsPerSecondLimit: 20,
      pace: '20 rows per 1 s of plan time: 20 rows/s at speed 1',
    });
    expect(world.clock.slept.some((ms) => ms > 900)).toBe(true);
  });

  it('says the pace, and what it is at the speed of the run', async () => {
    world = new StepWorld({ target: database.target, speed: 20_000 });
    expect(await forward({ pace: { rows: 100, every: '1s' } })).toMatchObject({
      end: 'done',
      summary: expect.stringMatching(
        /^filled 2,500 of 2,500 rows of messages, [\d,]+ rows\/s at work, .+ in all; paced at 100 rows per 1 s of plan time: 2,000,000 rows\/s at speed 20,000$/,
      ),
    });
  });

  it('does not call itself taken back when a row could not be, and can be asked again', async () => {
    const [first] = await messages();
    const set = { copy: `case when length(body) > 100 then (1 / (length(body) - length(body)))::text end` };
    const end = await forward({ undo: { set } });
    const tooLong = async (body: string) =>
      await database.connection.query('update messages set body = $1 where id = $2', [body, first?.id]);
    const undo = { direction: 'undo', fate: 'once', data: end.data } as const;
    await tooLong('long '.repeat(50));
    expect(await driveStep(backfillStep, parse({ undo: { set } }), world, undo)).toMatchObject({
      end: 'failed',
      reason: `1 row of messages could not be taken back (crossfade_ledger.quarantine has them; the first: ${first?.id}: division by zero)`,
    });
    await tooLong('short');
    expect(await driveStep(backfillStep, parse({ undo: { set } }), world, undo)).toMatchObject({
      end: 'done',
    });
    expect((await messages()).filter(({ copy }) => copy !== null)).toEqual([]);
  });
});

describe('people who write meanwhile', () => {
  it('win: nothing is overwritten, lost or left out', async () => {
    const writer = await database.connect('people');
    const writing = { goesOn: true };
    let writes = 0;
    const people = (async () => {
      while (writing.goesOn) {
        const [at] = (await writer.query<{ id: string }>('select gen_random_uuid() as id')).rows;
        await writer.query(
          `update messages set body = body || ' edited' where id in
          (select id from messages where id > $1 order by id limit 20)`,
          [at?.id],
        );
        await writer.query(
          `delete from messages where id in (select id from messages where id > $1 order by id limit 2)`,
          [at?.id],
        );
        await writer.query(`insert into messages (body) select 'new ' || n from generate_series(1, 5) n`);
        writes += 1;
      }
    })();
    await vi.waitUntil(() => writes > 3, { timeout: 10_000 });
    const facts = factsOf(await forward({ batch_size: 50 }));
    writing.goesOn = false;
    await people;
    const wrong = (await messages()).filter(({ body, copy }) => copy !== body.toUpperCase());
    expect(wrong).toEqual([]);
    expect(writes).toBeGreaterThan(3);
    const { rows: passed, migrated, skipped, vanished } = facts as Record<string, number>;
    expect((migrated ?? 0) + (skipped ?? 0) + (vanished ?? 0)).toBe(passed);
    expect(facts['remaining']).toBe(0);
  });

  it('are waited for, and rows they delete at that moment are counted as vanished', async () => {
    const [first] = await messages();
    const person = await database.connect('a person');
    await person.query(`begin; delete from messages where id = '${first?.id}'`);
    const done = forward({ lock_timeout: '10s' });
    await vi.waitUntil(somebodyWaits, { timeout: 10_000 });
    await person.query('commit');
    expect(factsOf(await done)).toMatchObject({ rows, migrated: rows - 1, vanished: 1 });
  });

  it('do not stop it for good by a lock: the batch is tried again', async () => {
    const [first] = await messages();
    const person = await database.connect('a person');
    await person.query(`begin; update messages set body = 'long thought' where id = '${first?.id}'`);
    const done = forward({ lock_timeout: '20ms' });
    await vi.waitUntil(() => world.clock.slept.length > 3, { timeout: 10_000 });
    await person.query('commit');
    expect(world.progress.map(({ note }) => note).join()).toMatch(
      /waits for a row that somebody changes; held on messages by a person for \w+ .*idle in transaction/,
    );
    expect(factsOf(await done)).toMatchObject({ rows, quarantined: 0, remaining: 0 });
    expect((await messages())[0]?.copy).toBe('LONG THOUGHT');
  });

  it('are swept up after where nothing writes both, as long as that comes to an end', async () => {
    // Twice somebody writes a row that has been passed, after the last batch of a sweep.
    await database.connection.query(`
      drop trigger keep_copy on messages;
      create sequence edits;
      create function edit() returns trigger language plpgsql as $$ begin
        if not exists (select from messages where copy is null) and nextval('edits') <= 2
        then update messages set body = body || '!', copy = null where id = (select id from messages order by id limit 1);
        end if; return null; end $$;
      create trigger edit after update on messages for each statement when (pg_trigger_depth() = 0) execute function edit();
    `);
    const end = await forward({ dual_write: 'sweep', batch_size: 1_000 });
    expect(end).toMatchObject({
      end: 'done',
      facts: { rows: rows + 2, migrated: rows + 2, quarantined: 0, remaining: 0 },
    });
    expect(await all<{ sweep: number }>('select sweep from crossfade_ledger.backfills')).toEqual([
      { sweep: 3 },
    ]);
  });

  it('have their edit kept even when it lands while the batch waits for the row', async () => {
    const [first] = await messages();
    const person = await database.connect('a person');
    await person.query(`begin; update messages set body = 'written by a person' where id = '${first?.id}'`);
    const done = forward({ lock_timeout: '10s' });
    await vi.waitUntil(somebodyWaits, { timeout: 10_000 });
    await person.query('commit');
    expect(factsOf(await done)).toMatchObject({ rows, migrated: rows - 1, skipped: 1 });
    expect((await messages())[0]?.copy).toBe('WRITTEN BY A PERSON');
  });
});

describe('rows that cannot be filled', () => {
  beforeEach(async () => {
    await database.connection.query(`
      create table numbers (id bigint primary key, text text not null, number integer);
      insert into numbers (id, text) select n, case when n in (7, 8, 404) then 'poison' else n::text end from generate_series(1, 500) n;
    `);
  });
  const numbers = {
    table: 'numbers',
    set: { number: 'text::integer' },
    where: 'number is null',
    undo: 'keep',
  };

  it('are set aside with their reason, and all others are filled', async () => {
    const end = await forward({ ...numbers, tolerate: 3 });
    expect(factsOf(end)).toMatchObject({ rows: 500, migrated: 497, quarantined: 3, remaining: 3 });
    expect(
      await all('select row_key, reason, sqlstate from crossfade_ledger.quarantine order by row_key::bigint'),
    ).toEqual(
      ['7', '8', '404'].map((row_key) => ({
        row_key,
        reason: 'invalid input syntax for type integer: "poison"',
        sqlstate: '22P02',
      })),
    );
  });

  it('are found by what looks at them only at the commit', async () => {
    await database.connection.query(`
      create table known (n integer primary key); insert into known select n from generate_series(1, 500) n where n <> 20;
      update numbers set text = id::text;
      alter table numbers add foreign key (number) references known deferrable initially deferred`);
    const end = await forward({ ...numbers, tolerate: 1 });
    expect(factsOf(end)).toMatchObject({ rows: 500, migrated: 499, quarantined: 1, remaining: 1 });
    expect(await all('select row_key, sqlstate from crossfade_ledger.quarantine')).toEqual([
      { row_key: '20', sqlstate: '23503' },
    ]);
  });

  it('can be tried again while the slice that they were in is at work', async () => {
    await forward({ ...numbers, tolerate: 3 });
    await database.connection.query(`update numbers set text = '7' where id = 7`);
    const worker = await database.connect('a worker');
    // As a batch that books its rows at this moment does.
    await worker.query(`begin; update crossfade_ledger.slices set batches = batches + 1`);
    const retried = retryQuarantined(world.context(), parse({ ...numbers, tolerate: 3 }), ['7']);
    await vi.waitUntil(somebodyWaits, { timeout: 10_000 });
    await worker.query('commit');
    expect(await retried).toMatchObject({ filled: 1 });
    expect(await all('select migrated::int, quarantined::int from crossfade_ledger.slices')).toEqual([
      { migrated: 498, quarantined: 2 },
    ]);
  });

  it('are not tried again once the step is taken back', async () => {
    const config = parse({ ...numbers, undo: { set: { number: 'null' } } });
    await forward({ ...numbers, tolerate: 3 });
    const undo = { direction: 'undo', fate: 'once', data: 'filling' } as const;
    expect(await driveStep(backfillStep, config, world, undo)).toMatchObject({ end: 'done' });
    await database.connection.query(`update numbers set text = '7' where id = 7`);
    await expect(retryQuarantined(world.context(), config, null)).rejects.toThrow(
      'is being taken back, or was',
    );
    expect(await all('select from numbers where number is not null')).toEqual([]);
  });

  it.each(['key', 'place'])(
    'may be those that the guard itself cannot look at, passed by %s',
    async (order) => {
      const where = `number is null and text::integer > 0`;
      const end = await forward({ ...numbers, set: { number: 'id::integer' }, where, order, tolerate: 3 });
      expect(factsOf(end)).toMatchObject({ rows: 500, migrated: 497, quarantined: 3, remaining: 3 });
    },
  );

  it('are set aside once, whoever writes them meanwhile', async () => {
    await database.connection.query(`
      create function touch() returns trigger language plpgsql as $$ begin
        update numbers set text = 'poison' where id = 7; return null; end $$;
      create trigger touch after update on numbers for each statement when (pg_trigger_depth() = 0) execute function touch()`);
    const end = await forward({ ...numbers, order: 'place', tolerate: 3 });
    expect(factsOf(end)).toMatchObject({ migrated: 497, quarantined: 3, remaining: 3 });
    expect(await all('select from crossfade_ledger.quarantine')).toHaveLength(3);
  });

  it('fail the step when there are more of them than it tolerates', async () => {
    expect(await forward({ ...numbers, tolerate: 2 })).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /^3 rows of numbers cannot be filled, 2 tolerated .*the first: 7: invalid input syntax/,
      ),
    });
  });

  it('are gone on behind once they are mended, where so many were bad that it had given up', async () => {
    await database.connection.query(`update numbers set text = 'poison' where id <= 150`);
    const config = parse({ ...numbers, tolerate: 0, batch_size: 10 });
    const effect = { key: 'run-1/step/forward/1', kind: 'fill', input: null, config };
    expect(await backfillStep.perform(effect, world.context())).toMatchObject({ quarantined: 101 });
    await database.connection.query(`update numbers set text = id::text`);
    expect(await retryQuarantined(world.context(), config, null)).toMatchObject({ filled: 101, left: [] });
    // The one that heard of it was killed before it could say so.
    world.token += 1;
    expect(await backfillStep.perform(effect, world.context())).toMatchObject({
      rows: 500,
      migrated: 500,
      remaining: 0,
    });
  });

  it('are not bisected to the end when all of them are bad', async () => {
    const end = await forward({ ...numbers, set: { number: `'x'::text::integer + id::integer` } });
    expect(end).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('101 rows of numbers cannot be filled'),
    });
  });

  it('include those that the guard still calls undone', async () => {
    const set = { number: 'case when id = 9 then null else id::integer end' };
    expect(await forward({ ...numbers, set })).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('9: by the guard it is still to do after it was done'),
    });
  });
});

describe('a plan that cannot work', () => {
  it.each([
    [{ set: { copy: 'no_such_column' } }, 'column "no_such_column" does not exist'],
    [{ table: 'nowhere' }, 'nowhere.id does not exist'],
    [{ key: 'body' }, 'messages.body has no unique index of its own'],
    [{ key: 'copy', set: { body: 'body' } }, 'messages.copy may be null'],
  ])('%o fails at once and changes nothing', async (changes, reason) => {
    const before = await messages();
    expect(await forward(changes)).toMatchObject({ end: 'failed', reason: expect.stringContaining(reason) });
    expect(await messages()).toEqual(before);
  });

  it('fails when new rows are not kept done, as the plan had promised', async () => {
    // Whatever is filled, somebody writes another row that the dual write passes over.
    await database.connection.query(`
      drop trigger keep_copy on messages;
      create function write_more() returns trigger language plpgsql as
        $$ begin insert into messages (body) values ('new'); return null; end $$;
      create trigger write_more after update on messages for each statement execute function write_more();
    `);
    const end = await forward();
    expect(end).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /1 row of messages still to do after 4 sweeps: .*by the trigger as the plan says/,
      ),
    });
  });
});

describe('a controller that comes and goes', () => {
  beforeEach(() => {
    // Paced in earnest, so that there is a middle to be stopped in.
    world = new StepWorld({ target: database.target, speed: 1, longestSleepMs: 60_000 });
  });
  const effect = { key: 'run-1/step/forward/1', kind: 'fill', input: null };

  it('stops between two batches when it is told to, and its successor goes on from there', async () => {
    const config = parse({ pace: { rows: 500, every: '1s' } });
    const stop = new AbortController();
    const first = backfillStep.perform({ ...effect, config }, world.context(stop.signal));
    await vi.waitUntil(async () => (await account()).batches >= 3, { timeout: 10_000 });
    stop.abort();
    await expect(first).rejects.toThrow(/abort/i);
    const { passed, accounted } = await account();
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThan(rows);
    expect(accounted).toBe(passed);
    world.token += 1;
    expect(await backfillStep.perform({ ...effect, config: parse() }, world.context())).toMatchObject({
      rows,
      migrated: rows,
      skipped: 0,
      remaining: 0,
    });
  });

  it.each([
    ['place', 'key'],
    ['key', 'place'],
  ] as const)('is gone on with in the order in which it was begun: %s', async (begun, other) => {
    const config = parse({ pace: { rows: 500, every: '1s' }, order: begun });
    const stop = new AbortController();
    const first = backfillStep.perform({ ...effect, config }, world.context(stop.signal));
    await vi.waitUntil(async () => (await account()).batches >= 3, { timeout: 10_000 });
    stop.abort();
    await expect(first).rejects.toThrow(/abort/i);
    expect(await all('select row_order from crossfade_ledger.backfills')).toEqual([{ row_order: begun }]);
    world.token += 1;
    // As where the table has changed so much meanwhile that another order would be chosen today.
    const asIfChosen = backfillStep.perform({ ...effect, config: parse({ order: other }) }, world.context());
    await expect(asIfChosen).rejects.toThrow(`passed by ${begun}, and not by ${other}`);
    // Earlier Crossfades did not write it down.
    await database.connection.query('update crossfade_ledger.backfills set row_order = null');
    expect(
      await backfillStep.perform({ ...effect, config: parse({ order: 'auto' }) }, world.context()),
    ).toMatchObject({ rows, migrated: rows, skipped: 0, remaining: 0 });
  });

  it('is taken back from the middle', async () => {
    const before = await messages();
    const stop = new AbortController();
    const config = parse({ pace: { rows: 500, every: '1s' } });
    const cutShort = backfillStep
      .perform({ ...effect, config }, world.context(stop.signal))
      .catch((error: unknown) => error);
    await vi.waitUntil(async () => (await account()).batches >= 2, { timeout: 10_000 });
    stop.abort();
    expect(await cutShort).toMatchObject({ name: 'AbortError' });
    expect(await messages()).not.toEqual(before);
    const undo = { direction: 'undo', fate: 'twice', data: 'filling' } as const;
    expect(await driveStep(backfillStep, parse(), world, undo)).toMatchObject({ end: 'done' });
    expect(await messages()).toEqual(before);
  });

  it('changes nothing any more once another has taken over', async () => {
    const config = parse({ pace: { rows: 300, every: '1s' } });
    const late = backfillStep.perform({ ...effect, config }, world.context());
    const ended = late.then(
      () => 'finished',
      (error: unknown) => (error instanceof Error ? error.message : 'unknown'),
    );
    await vi.waitUntil(async () => (await account()).batches >= 2, { timeout: 10_000 });
    // As a later leader does when it opens the account.
    await database.connection.query(
      'update crossfade_ledger.backfills set token = 99; update crossfade_ledger.slices set holder = null, attempt = attempt + 1',
    );
    const { passed } = await account();
    expect(await ended).toContain('fenced: another controller took over');
    expect((await account()).passed).toBe(passed);
    expect((await messages()).filter(({ copy }) => copy !== null)).toHaveLength(passed);
  });

  it('refuses to begin with a token that is not the newest', async () => {
    world.token = 5;
    await forward();
    world.token = 4;
    await expect(backfillStep.perform({ ...effect, config: parse() }, world.context())).rejects.toThrow(
      'fenced',
    );
  });
});
