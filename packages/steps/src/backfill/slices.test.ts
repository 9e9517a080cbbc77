import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { backfillStep } from './definition.ts';

const rows = 120_000;
let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create table things (tenant int not null, id uuid not null default gen_random_uuid(), name text not null, copy text,
      primary key (tenant, id), unique (id));
    insert into things (tenant, name) select n % 7, 'thing ' || n from generate_series(1, ${rows}) n;
    create table every_day (day date, shop text collate "und-x-icu", seen timestamptz not null, copy text,
      primary key (day, shop)) partition by range (day);
    create table first_half partition of every_day for values from ('2026-01-01') to ('2026-07-01');
    create table second_half partition of every_day for values from ('2026-07-01') to ('2027-01-01');
    insert into every_day (day, shop, seen)
      select date '2026-01-01' + n % 365, (array['a', 'B', 'ä', 'Z', 'é'])[1 + n % 5] || n, now() from generate_series(1, 3000) n;
  `);
  await database.connection.query('analyze');
});
afterEach(async () => await database.drop());

const settings = {
  table: 'things',
  key: 'id',
  set: { copy: 'upper(name)' },
  where: 'copy is null',
  dual_write: 'trigger',
  undo: { set: { copy: 'null' } },
};
const fill = async (changes: object = {}, world = new StepWorld({ target: database.target })) =>
  await driveStep(backfillStep, backfillStep.configSchema.parse({ ...settings, ...changes }), world, {
    direction: 'forward',
    fate: 'once',
  });
async function query<Row extends object>(sql: string): Promise<readonly Row[]> {
  return (await database.connection.query<Row>(sql)).rows;
}
const slices = async () =>
  await query<{ slice: number; passed: number; finished: boolean; holder: string | null }>(
    `select slice, passed::int as passed, finished_at is not null as finished, holder
       from crossfade_ledger.slices where direction = 'fill' order by slice`,
  );
const unfilled = async () =>
  await query('select id from things where copy is distinct from upper(name) limit 5');
const counts = { rows, migrated: rows, skipped: 0, quarantined: 0, vanished: 0, remaining: 0 };

describe('a table is cut into slices of about the same length', () => {
  it.each([
    ['along its key', {}],
    ['along a key of two columns', { key: ['tenant', 'id'] }],
    ['along the place on disk', { order: 'place' }],
  ])('%s', async (_name, changes) => {
    expect(await fill(changes)).toMatchObject({ end: 'done', facts: counts });
    expect(await unfilled()).toEqual([]);
    const cut = await slices();
    expect(cut).toHaveLength(3);
    expect(cut.reduce((sum, { passed }) => sum + passed, 0)).toBe(rows);
    for (const { passed, finished } of cut) {
      expect(finished).toBe(true);
      expect(passed).toBeGreaterThan(rows / 6);
    }
  });

  it('and one that has partitions along their key, whatever its collation', async () => {
    const end = await fill({
      table: 'every_day',
      key: ['day', 'shop'],
      set: { copy: 'shop' },
      order: 'place',
      batch_size: 100,
    });
    expect(end).toMatchObject({ end: 'done', facts: { rows: 3_000, migrated: 3_000, remaining: 0 } });
  });

  it('and taken back the same way', async () => {
    const world = new StepWorld({ target: database.target });
    await fill({ order: 'place', workers: 2 }, world);
    const config = backfillStep.configSchema.parse({ ...settings, order: 'place', workers: 2 });
    const undo = { direction: 'undo', fate: 'twice', data: 'filling' } as const;
    expect(await driveStep(backfillStep, config, world, undo)).toMatchObject({ end: 'done' });
    expect(await query('select from things where copy is not null limit 1')).toEqual([]);
  });
});

describe('several workers', () => {
  it('pass every row once', async () => {
    expect(await fill({ workers: 3 })).toMatchObject({ end: 'done', facts: counts });
    expect(await unfilled()).toEqual([]);
    const holders = await query<{ holders: number }>(
      `select count(*)::int as holders from crossfade_ledger.slices where attempt > 0`,
    );
    expect(holders).toEqual([{ holders: 3 }]);
  });

  it('end together when one of them meets what no row is to blame for, and say why', async () => {
    await query(`create function fail() returns trigger language plpgsql as
      $$ begin if new.tenant = 6 then raise exception using errcode = '42501', message = 'not allowed'; end if; return new; end $$`);
    await query('create trigger fail before update on things for each row execute function fail()');
    expect(await fill({ workers: 3, key: ['tenant', 'id'] })).toEqual(
      expect.objectContaining({ end: 'failed', reason: 'step step: things: not allowed' }),
    );
  });

  it('set rows aside, each its own, and stop when there are too many', async () => {
    await query(`update things set name = 'bad' where id in (select id from things order by id limit 3)`);
    await query(
      `update things set name = 'bad' where id in (select id from things order by id desc limit 2)`,
    );
    const set = { copy: `case when name = 'bad' then (1 / (tenant - tenant))::text else upper(name) end` };
    expect(await fill({ workers: 3, set, tolerate: 5 })).toMatchObject({
      end: 'done',
      facts: { rows, migrated: rows - 5, quarantined: 5, remaining: 5 },
    });
    const world = new StepWorld({ target: database.target, runId: 'run-2' });
    await query('update things set copy = null');
    expect(await fill({ workers: 3, set: { copy: '(1 / (tenant - tenant))::text' } }, world)).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(/^10\d rows of things cannot be filled, 0 tolerated/),
    });
  });
});

describe('rows that move on disk while they are passed in its order', () => {
  it('are each counted once, by whomever they are done', async () => {
    // Room for new versions everywhere, so that what is written lies before and behind the cursor.
    await query('update things set name = name where tenant < 3');
    await database.connection.query('vacuum things');
    await query(`create function keep() returns trigger language plpgsql as
      $$ begin new.copy := upper(new.name); return new; end $$`);
    await query(
      'create trigger keep before insert or update of name on things for each row execute function keep()',
    );
    const person = await database.connect('a person');
    const writing = { goesOn: true };
    let writes = 0;
    const people = (async () => {
      while (writing.goesOn) {
        await person.query(
          `update things set name = name || '!' where id in (select id from things where tenant = ${writes % 7} limit 50)`,
        );
        writes += 1;
      }
    })();
    const end = await fill({ order: 'place', workers: 2, batch_size: 300 });
    writing.goesOn = false;
    await people;
    expect(writes).toBeGreaterThan(10);
    expect(end).toMatchObject({ end: 'done', facts: { quarantined: 0, remaining: 0 } });
    const facts = end.end === 'done' ? end.facts : {};
    expect(Number(facts['migrated']) + Number(facts['skipped'])).toBe(facts['rows']);
    expect(Number(facts['rows'])).toBeLessThanOrEqual(rows);
    expect(await unfilled()).toEqual([]);
  });
});

it('goes on with what an earlier Crossfade has begun, which knew no slices', async () => {
  const world = new StepWorld({ target: database.target });
  // Only to have the ledger made.
  await fill({ table: 'nowhere' }, new StepWorld({ target: database.target, runId: 'other' }));
  const [cursor] = await query<{ id: string }>('select id from things order by id offset 4999 limit 1');
  const [upper] = await query<{ id: string }>('select id from things order by id desc limit 1');
  await query(`update things set copy = upper(name) where id <= '${cursor?.id}'`);
  await query(
    `insert into crossfade_ledger.backfills (run_id, step_id, direction, token, cursor, upper, passed, migrated, batches, active_ms)
     values ('${world.runId}', '${world.stepId}', 'fill', 1, '${cursor?.id}', '${upper?.id}', 5000, 5000, 5, 100)`,
  );
  expect(await fill({}, world)).toMatchObject({ end: 'done', facts: counts });
  expect(await slices()).toMatchObject([{ passed: rows - 5_000, finished: true }]);
});
