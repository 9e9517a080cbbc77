import { randomBytes } from 'node:crypto';
import type { Target } from '@crossfade/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { schemaStep } from './definition.ts';
import { judgeDisk } from './preflight.ts';
import { addUp, estimateDiskNeed, sizeOf, widthsOf } from './preflight/disk-need.ts';
import { diskUsesOf } from './preflight/disk-use.ts';
import { onlyStatement } from '../testing/only-statement.ts';

/** Roles are the whole server's. */
const role = `"App ${randomBytes(4).toString('hex')}"`;
const shown = role.replaceAll('"', '');

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(`
    create table people (id int primary key, name text);
    create table messages (id int primary key, person_id int, body text);
    insert into messages select n, n, repeat('hello ', 10) || n from generate_series(1, 20000) n;
    analyze messages;
    create role ${role} nologin;
  `);
});
afterAll(async () => {
  await database.connection.query(`drop owned by ${role}; drop role ${role}`);
  await database.drop();
});

/** As somebody else, or with other settings, from the first statement on. */
function targetWith(setting: string): Target {
  return {
    withConnection: async (options, work) =>
      await database.directTarget.withConnection(options, async (connection) => {
        await connection.query(setting);
        return await work(connection);
      }),
  };
}

let runs = 0;
async function applyWith(setting: string, sql: string, settings: object = {}, undo = 'select 1;') {
  runs += 1;
  const file = `${runs}.sql`;
  const files = { [file]: `${sql}\n-- crossfade:undo\n${undo}` };
  const world = new StepWorld({ target: targetWith(setting), files, runId: `run-${runs}` });
  const config = schemaStep.configSchema.parse({ file, ...settings });
  const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
  return { end, world };
}

const nothingIsThere = async () => {
  const { rows } = await database.connection.query<{ there: boolean }>(
    `select to_regclass('notes') is not null or to_regclass('by_body') is not null as there`,
  );
  expect(rows).toEqual([{ there: false }]);
};

describe('a database that takes no writes of ours', () => {
  it('is refused while it is in read-only mode, which "begin read write" would get past', async () => {
    const { end } = await applyWith('set default_transaction_read_only = on', 'create table notes (id int);');
    expect(end).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /^step step: the database "\w+" is in read-only mode \(default_transaction_read_only is on, by session\): expected one that takes writes/,
      ) as string,
    });
    await nothingIsThere();
  });

  it('is refused where the role may not keep the ledger, with the grant it needs', async () => {
    const fresh = await createTestTarget('select 1');
    const target: Target = {
      withConnection: async (options, work) =>
        await fresh.directTarget.withConnection(options, async (connection) => {
          await connection.query(`set role ${role}`);
          return await work(connection);
        }),
    };
    const files = { 'a.sql': 'create table notes (id int);\n-- crossfade:undo\nselect 1;' };
    const config = schemaStep.configSchema.parse({ file: 'a.sql' });
    const end = await driveStep(schemaStep, config, new StepWorld({ target, files }), {
      direction: 'forward',
      fate: 'once',
    });
    await fresh.drop();
    expect(end).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /^role "App \w+" may not make the ledger .*: grant create on database \S+ to "App \w+"; or have it made by somebody who may: create schema crossfade_ledger authorization "App \w+"$/,
      ) as string,
    });
  });
});

describe('a role without the rights', () => {
  beforeAll(async () => {
    // The ledger is there already, for whoever may use it.
    await applyWith('select 1', 'select 1;');
    await database.connection.query(
      `grant usage on schema crossfade_ledger to ${role}; grant all on all tables in schema crossfade_ledger to ${role};
       revoke create on schema public from public`,
    );
  });

  it('is told all that it lacks, line by line, before anything is done', async () => {
    const { rows } = await database.connection.query<{ owner: string }>('select current_user::text as owner');
    const owner = rows[0]?.owner ?? '';
    const { end } = await applyWith(
      `set role ${role}`,
      `create table notes (id int references people (id));
       alter table messages add column note text;
       create index concurrently by_body on messages (body);`,
    );
    const grantOwner = `grant "${owner}" to ${role}, or use a role that is a member of it`;
    expect(end.end === 'failed' && end.reason.replaceAll(/^\d+\.sql/gm, 'a.sql').split('\n')).toEqual([
      `a.sql:1: role "${shown}" may not create anything in schema public: grant create on schema public to ${role}`,
      `a.sql:1: role "${shown}" may not let foreign keys point to public.people: grant references on public.people to ${role}`,
      `a.sql:2: role "${shown}" may not change public.messages, which "${owner}" owns: ${grantOwner}`,
      `a.sql:3: role "${shown}" may not change public.messages, which "${owner}" owns: ${grantOwner}`,
    ]);
    await nothingIsThere();
  });

  it('is told what it lacks to compare what is there with what is to be made', async () => {
    await database.connection.query('create index by_person on messages (person_id)');
    const { end } = await applyWith(`set role ${role}`, 'create index by_person on messages (person_id);');
    expect(end).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        new RegExp(
          'nobody can tell whether it is the same: index by_person cannot be compared: ' +
            `role ${role} may not make a schema to try it out in: grant create on database \\S+ to ${role}$`,
        ),
      ) as string,
    });
    await database.connection.query('drop index by_person');
  });

  it('needs none for the undo of what was there before and stays', async () => {
    const { connection } = database;
    await connection.query(`
      create table theirs (id int); alter table theirs owner to ${role}; create index by_person on messages (person_id);
      grant select on messages to ${role}; grant create on database "${(await connection.query<{ name: string }>('select current_database() as name')).rows[0]?.name}" to ${role}`);
    const { end } = await applyWith(
      `set role ${role}`,
      'create index by_person on messages (person_id); alter table theirs add column note text;',
      {},
      'alter table theirs drop column if exists note; drop index if exists by_person;',
    );
    expect(end).toMatchObject({ end: 'done', facts: { applied: { found: ['index by_person'] } } });
    await connection.query('drop table theirs; drop index by_person');
  });

  it('may change what it owns as a member of the owner', async () => {
    const { connection } = database;
    await connection.query(`
      create role ${role.replace('App', 'Team')} nologin; grant ${role.replace('App', 'Team')} to ${role};
      grant create on schema public to ${role.replace('App', 'Team')};
      create table theirs (id int); alter table theirs owner to ${role.replace('App', 'Team')}`);
    const { end } = await applyWith(`set role ${role}`, 'alter table theirs add column note text;');
    expect(end).toMatchObject({ end: 'done' });
    await connection.query(
      `drop owned by ${role.replace('App', 'Team')} cascade; drop role ${role.replace('App', 'Team')}`,
    );
  });
});

describe('the disk', () => {
  it('is known to be enough, or said not to be known', async () => {
    const { world } = await applyWith(
      'select 1',
      'create index by_person on messages (person_id); drop index by_person;',
    );
    expect(world.progress[0]?.note).toMatch(
      /^looked before it begins: needs up to 7 MB of disk, ([\d.]+ [MG]B are free|and how much is free is not known from here); /,
    );
  });

  it('that is too small for a build stops it, and names what it needs and what there is', () => {
    const disk = { directory: '/data', freeBytes: 12_000_000_000 };
    expect(judgeDisk('a.sql', [3, 7, 3], 11_000_000_000, disk).findings).toEqual([
      'a.sql:3, 7: needs about 11.0 GB of disk, and 12.0 GB are free in /data, of which a tenth is left to others: make room there',
    ]);
    expect(judgeDisk('a.sql', [3], 10_000_000_000, disk).findings).toEqual([]);
    expect(judgeDisk('a.sql', [3], 10_000_000_000, undefined).findings).toEqual([]);
  });

  it.each([
    ['create index i on messages (id)', 1],
    ['create index concurrently i on messages (lower(body), id)', 1],
    ['alter table messages add constraint one unique (body)', 1],
    ['alter table messages alter column id type bigint', 1],
  ])('is estimated to hold what is built: %s', async (sql) => {
    const { connection } = database;
    const table = { schema: null, name: 'messages' };
    const coarse = await sizeOf(connection, table);
    const before = coarse && { ...coarse, widths: await widthsOf(connection, table) };
    const [use] = diskUsesOf(onlyStatement(sql));
    if (!use || !before) throw new Error('expected one use of a table that is there');
    const { keepsBytes } = estimateDiskNeed(use, before);
    const after = await afterwards(sql.replace('concurrently', ''));
    const grewBytes = (after?.totalBytes ?? 0) - before.totalBytes;
    const tookBytes = use.work.kind === 'rewrite' ? (after?.totalBytes ?? 0) : grewBytes;
    expect(keepsBytes).toBeGreaterThan(tookBytes * 0.9);
    expect(keepsBytes).toBeLessThan(tookBytes * 3);
    // Without the widths of columns it is never less: only where that does not fit they are asked for.
    expect(estimateDiskNeed(use, coarse ?? before).keepsBytes).toBeGreaterThanOrEqual(keepsBytes);
  });

  /** How large the table then is; nothing of it stays. */
  async function afterwards(sql: string) {
    const { connection } = database;
    try {
      await connection.query('begin');
      await connection.query(sql);
      return await sizeOf(connection, { schema: null, name: 'messages' });
    } finally {
      await connection.query('rollback');
    }
  }

  it('of several builds is what they keep together, and what the largest spills', () => {
    const needs = [
      { keepsBytes: 10, spillsBytes: 10 },
      { keepsBytes: 30, spillsBytes: 30 },
    ];
    expect(addUp(needs)).toBe(70);
    expect(addUp([])).toBe(0);
  });

  it.each([
    ['alter table t add column a int default 1', 0],
    ['alter table t add column a timestamptz default now()', 0],
    ['alter table t add column a uuid default gen_random_uuid()', 1],
    ['alter table t add column a bigserial', 1],
    ['alter table t add column a int generated always as (1) stored', 1],
    ['alter table t add constraint c unique using index i', 0],
    ['alter table t add constraint c check (a > 0) not valid', 0],
    ['create table t (a int primary key)', 0],
  ])('is asked for by what writes much at once: %s', (sql, uses) => {
    expect(diskUsesOf(onlyStatement(sql))).toHaveLength(uses);
  });
});

it('tells whom it will keep out, who is in the way, and the longest transaction', async () => {
  const report = await database.connect('a report');
  await report.query('begin; select count(*) from people');
  const { world } = await applyWith('select 1', 'alter table people alter column name set default null;', {
    attempts: 1,
    lock_timeout: '30ms',
  });
  await report.query('commit');
  expect(world.progress[0]?.note).toMatch(
    /keeps everybody out of people for a moment; held on people by a report .*; the longest transaction is open for .* \(a report for \w+, process \d+\)$/,
  );
});
