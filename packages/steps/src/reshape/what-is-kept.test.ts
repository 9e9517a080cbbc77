import { afterEach, describe, expect, it } from 'vitest';
import { contractStep } from '../contract/definition.ts';
import { driveStep, type DriveEnd } from '../testing/drive-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { reshapeStep } from './definition.ts';

let database: TestTarget;
afterEach(async () => await database.drop());

const query = async (sql: string) => (await database.connection.query<Record<string, unknown>>(sql)).rows;
const settings = (changes: object) => ({
  table: 'public.things',
  key: 'id',
  views: { old: 'batch_1', new: 'batch_2' },
  ...changes,
});

async function drive(
  step: 'reshape' | 'contract',
  given: object,
  direction: 'forward' | 'undo' = 'forward',
): Promise<DriveEnd> {
  const world = new StepWorld({ target: database.target, stepId: step });
  if (step === 'reshape') {
    const data = direction === 'undo' ? { at: 'verify' } : null;
    return await driveStep(reshapeStep, reshapeStep.configSchema.parse(given), world, {
      direction,
      fate: 'once',
      data,
    });
  }
  const data = direction === 'undo' ? 'contracting' : null;
  return await driveStep(contractStep, contractStep.configSchema.parse(given), world, {
    direction,
    fate: 'once',
    data,
  });
}

const done = { end: 'done' };
const inBothWays = [
  ['beside the old one', false],
  ['in a table written anew', true],
] as const;

describe.each(inBothWays)('a column that says less than the other, %s', (_name, rewrite) => {
  const lossy = settings({
    rewrite,
    columns: [{ from: 'at', to: 'day', type: 'date', up: 'at::date', down: 'day::timestamp' }],
  });

  it('leaves what was said more exactly, whoever changes something else', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, at timestamp, body text); insert into things values (1, '2026-01-01 10:00', 'x'), (2, '2026-01-02 11:00', 'x')`,
    );
    expect(await drive('reshape', lossy)).toMatchObject(done);
    await query(`update batch_2.things set body = 'y' where id = 1`);
    await query(`update batch_2.things set day = '2026-02-02' where id = 2`);
    await query(`update batch_1.things set body = 'z' where id = 2`);
    expect(await query('select at::text, body from batch_1.things order by id')).toEqual([
      { at: '2026-01-01 10:00:00', body: 'y' },
      { at: '2026-02-02 00:00:00', body: 'z' },
    ]);
    expect(await query('select day::text, body from batch_2.things order by id')).toEqual([
      { day: '2026-01-01', body: 'y' },
      { day: '2026-02-02', body: 'z' },
    ]);
  });
});

describe.each(inBothWays)('a limit of length, %s', (_name, rewrite) => {
  it('refuses what the old shape cannot hold, and cuts nothing off', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, name varchar(5)); insert into things values (1, 'short')`,
    );
    expect(
      await drive('reshape', settings({ rewrite, columns: [{ from: 'name', to: 'title', type: 'text' }] })),
    ).toMatchObject(done);
    await expect(query(`update batch_2.things set title = 'much too long' where id = 1`)).rejects.toThrow(
      /too long for type/,
    );
    expect(await query('select title from batch_2.things')).toEqual([{ title: 'short' }]);
  });

  it('names what the new shape cannot hold, and takes it at no price', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, name text); insert into things values (1, 'short'), (2, 'much too long')`,
    );
    expect(
      await drive(
        'reshape',
        settings({ rewrite, columns: [{ from: 'name', to: 'title', type: 'varchar(5)' }] }),
      ),
    ).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /^1 row of public.things cannot be given the new shape .*2: value too long/,
      ),
    });
    await query(`insert into things values (3, 'also too long')`);
  });

  it('takes a number with its decimals for what it is', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, n int); insert into things values (1, 5), (2, null)`,
    );
    expect(
      await drive(
        'reshape',
        settings({
          rewrite,
          columns: [{ from: 'n', to: 'price', type: 'numeric(10,2)', down: 'price::int' }],
        }),
      ),
    ).toMatchObject(done);
    expect(await query('select price::text from batch_2.things order by id')).toEqual([
      { price: '5.00' },
      { price: null },
    ]);
  });
});

describe.each(inBothWays)('a name that becomes two, %s', (_name, rewrite) => {
  it('follows whichever release has written it', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, name text not null); insert into things values (1, 'Ann Lee'), (2, 'Bo Ray')`,
    );
    const columns = [
      { from: 'name', down: `first || ' ' || last` },
      { to: 'first', type: 'text', up: `split_part(name, ' ', 1)` },
      { to: 'last', type: 'text', up: `split_part(name, ' ', 2)` },
    ];
    expect(await drive('reshape', settings({ rewrite, columns }))).toMatchObject(done);
    await query(`update batch_2.things set last = 'Poe' where id = 1`);
    await query(`update batch_1.things set name = 'Cy Dee' where id = 2`);
    await query(`insert into batch_2.things (id, first, last) values (3, 'Eve', 'Fox')`);
    await query(`insert into batch_1.things (id, name) values (4, 'Gil Hay')`);
    expect(await query('select name from batch_1.things order by id')).toEqual(
      ['Ann Poe', 'Cy Dee', 'Eve Fox', 'Gil Hay'].map((name) => ({ name })),
    );
    expect(await query('select first, last from batch_2.things order by id')).toEqual([
      { first: 'Ann', last: 'Poe' },
      { first: 'Cy', last: 'Dee' },
      { first: 'Eve', last: 'Fox' },
      { first: 'Gil', last: 'Hay' },
    ]);
    expect(await drive('contract', { of: 'reshape' })).toMatchObject(done);
  });
});

describe('what looks equal and is not', () => {
  it('is kept to the last letter', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, n numeric, i interval, j json); insert into things values (1, 1.0, '24 hours', '{"a": 1}')`,
    );
    expect(await drive('reshape', settings({ rewrite: true }))).toMatchObject(done);
    await query(`update batch_1.things set n = 1.00, i = '1 day', j = '{"a":1}'`);
    expect(await drive('contract', { of: 'reshape' })).toMatchObject(done);
    expect(await query('select n::text, i::text, j::text from things')).toEqual([
      { n: '1.00', i: '1 day', j: '{"a":1}' },
    ]);
  });
});

describe('a table that is written anew', () => {
  it('is refused before anything is done where nothing identifies a row', async () => {
    database = await createTestTarget(`create table things (id int not null); insert into things values (1)`);
    expect(await drive('reshape', settings({ rewrite: true }))).toMatchObject({
      end: 'failed',
      reason: 'public.things cannot be given a new shape by this step: it has no unique, not null key id',
    });
    await query('insert into things values (1)');
  });

  it('lets whoever may write to it write to it, and nobody else', async () => {
    database = await createTestTarget(`
      create table things (id int generated by default as identity primary key, body text); insert into things (body) values ('x');
    `);
    const { rows } = await database.connection.query<{ app: string; other: string }>(
      `select 'app_' || oid as app, 'other_' || oid as other from pg_database where datname = current_database()`,
    );
    const [{ app, other } = { app: '', other: '' }] = rows;
    await query(`create role ${app}; create role ${other}; grant select, insert, update, delete on things to ${app};
      alter default privileges in schema public grant select on tables to ${other}`);
    try {
      expect(await drive('reshape', settings({ rewrite: true }))).toMatchObject(done);
      await query(
        `set role ${app}; insert into things (body) values ('y'); update batch_2.things set body = 'z' where id = 2; reset role`,
      );
      await query(`set role ${other}`);
      await expect(query('select * from things')).rejects.toThrow(/permission denied/);
      await query('reset role');
      expect(await drive('reshape', settings({ rewrite: true }), 'undo')).toMatchObject(done);
      expect(await query('select body from things order by id')).toEqual([{ body: 'x' }, { body: 'z' }]);
    } finally {
      await query(`reset role; drop owned by ${app}, ${other}; drop role ${app}, ${other}`);
    }
  });

  it('takes statements that change a row and what points at it at once', async () => {
    database = await createTestTarget(`
      create table things (id int primary key, parent int references things); insert into things values (1, null), (2, 1);
    `);
    expect(await drive('reshape', settings({ rewrite: true }))).toMatchObject(done);
    for (const table of ['public.things', 'batch_2.things']) {
      await query(`insert into ${table} values (11, 10), (10, null)`);
      await query(`delete from ${table} where id in (10, 11)`);
    }
    await expect(query('delete from batch_2.things where id = 1')).rejects.toThrow(/violates foreign key/);
  });

  it('takes a null from whoever knows only the old shape', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, n int unique); insert into things values (1, 1)`,
    );
    const columns = [{ from: 'n', to: 'size', type: 'int', up: 'nullif(n, 7)', not_null: true }];
    expect(await drive('reshape', settings({ rewrite: true, columns }))).toMatchObject(done);
    await query('insert into batch_1.things values (2, 7)');
    expect(await drive('contract', { of: 'reshape' })).toMatchObject({ end: 'failed' });
    expect(await drive('contract', { of: 'reshape' }, 'undo')).toMatchObject(done);
    await query('update batch_1.things set n = 8 where id = 2');
    expect(await drive('contract', { of: 'reshape' })).toMatchObject(done);
    await expect(query('insert into things (id) values (3)')).rejects.toThrow(/null value in column "size"/);
  });

  it('keeps what belongs to a table', async () => {
    database = await createTestTarget(`
      create unlogged table "order" (id int generated always as identity (increment by 5) primary key, body text) with (fillfactor = 50);
      comment on table "order" is 'what was ordered';
      create function note() returns trigger language plpgsql as $$ begin new.body := 'noted'; return new; end $$;
      create trigger note before insert on "order" for each row execute function note();
      alter table "order" disable trigger note;
      insert into "order" (body) values ('x');
    `);
    const given = { table: 'order', key: 'id', rewrite: true };
    expect(await drive('reshape', given)).toMatchObject(done);
    expect(await drive('contract', { of: 'reshape' })).toMatchObject(done);
    await query(`insert into "order" (body) values ('y')`);
    expect(await query('select * from "order" order by id')).toEqual([
      { id: 1, body: 'x' },
      { id: 6, body: 'y' },
    ]);
    const [table] = await query(
      `select relpersistence::text, reloptions, obj_description(oid) as comment from pg_class where relname = 'order'`,
    );
    expect(table).toEqual({
      relpersistence: 'u',
      reloptions: ['fillfactor=50'],
      comment: 'what was ordered',
    });
  });
});

describe('the contract of a change of shape', () => {
  it('leaves nothing out that is written after its last look', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, name text); insert into things values (1, '1')`,
    );
    expect(
      await drive(
        'reshape',
        settings({ columns: [{ from: 'name', to: 'n', type: 'int', up: 'name::int', down: 'n::text' }] }),
      ),
    ).toMatchObject(done);
    const world = new StepWorld({ target: database.target, stepId: 'contract' });
    const late: unknown[] = [];
    const { target } = database;
    world.target = {
      withConnection: async (options, work) =>
        await target.withConnection(
          options,
          async (connection) =>
            await work({
              ...connection,
              query: async (text, parameters) => {
                if (text.includes('drop trigger if exists'))
                  late.push(
                    await query(`insert into things values (2, 'many')`).catch((error: unknown) => error),
                  );
                return await connection.query(text, parameters);
              },
            }),
        ),
    };
    const config = contractStep.configSchema.parse({ of: 'reshape' });
    expect(
      await driveStep(contractStep, config, world, { direction: 'forward', fate: 'once' }),
    ).toMatchObject(done);
    expect(late[0]).toBeInstanceOf(Error);
    expect(await query('select id from things')).toEqual([{ id: 1 }]);
  });

  it('looks anew at what would be lost each time it is tried', async () => {
    database = await createTestTarget(
      `create table things (id int primary key, name text not null); insert into things values (1, 'x')`,
    );
    const given = settings({
      columns: [{ from: 'name', to: 'n', type: 'int', up: 'length(name)', down: `repeat('x', n)` }],
    });
    expect(await drive('reshape', given)).toMatchObject(done);
    await query('create view public.reader as select name from things');
    expect(await drive('contract', { of: 'reshape' })).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('cannot drop column name'),
    });
    expect(await drive('contract', { of: 'reshape' }, 'undo')).toMatchObject(done);
    await query('drop view public.reader; create index late on things (name)');
    expect(await drive('contract', { of: 'reshape' })).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('the index late would be lost'),
    });
    expect(await drive('contract', { of: 'reshape', loses: ['late'] })).toMatchObject(done);
    await expect(query('insert into things (id) values (2)')).rejects.toThrow(/null value in column "n"/);
  });

  it('drops no column of which the new shape knows nothing', async () => {
    database = await createTestTarget(
      `create table things (id int primary key); insert into things values (1)`,
    );
    expect(await drive('reshape', settings({ rewrite: true }))).toMatchObject(done);
    await query('alter table things_crossfade_old add column late text');
    expect(await drive('contract', { of: 'reshape' })).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('public.things has got late since its new shape was laid'),
    });
  });
});
