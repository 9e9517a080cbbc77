import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseStatements } from '../../sql/parse-statements.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { findMade } from './find-made.ts';
import { madeBy } from './made-objects.ts';

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create type mood as enum ('good');
    create schema app;
    create table messages (id int);
  `);
});
afterEach(async () => await database.drop());

/** Whether what the statements make is there, once `there` has been made. */
async function isThere(there: string, sql: string): Promise<readonly boolean[]> {
  await database.connection.query(there);
  const parsed = parseStatements(sql);
  if (!parsed.ok) throw new Error(parsed.message);
  return await findMade(database.connection, madeBy(parsed.statements));
}

const functionWith = (inputs: string, returns = 'int') =>
  `create function f(${inputs}) returns ${returns} language sql as 'select null::${returns.replace('setof ', '')}'`;

describe('a function is another with other arguments', () => {
  it.each([
    ['a int', 'a text', false],
    ['a int', 'b integer', true],
    ['a int', '', false],
    ['', '', true],
    ['a text[]', 'a text[][]', true],
    ['a text[]', 'a text', false],
    ['a varchar(3)', 'a character varying', true],
    ['a mood', 'a public.mood', true],
    ['a mood', 'a app.mood', false],
    ['a double precision, b "char"', 'float8, "char"', true],
    ['a int, variadic b int[]', 'int, int[]', true],
    ['a int', 'inout a int', true],
    ['a int', 'a messages.id%type', true],
  ])('f(%s) is there, and f(%s): %s', async (there, made, answer) => {
    expect(await isThere(functionWith(there), functionWith(made))).toEqual([answer]);
  });

  it('and the same with another result', async () => {
    expect(await isThere(functionWith('a int'), functionWith('a int, out b int'))).toEqual([true]);
  });
});

describe('a name without a schema is looked for where it would be made', () => {
  it.each([
    ['create table notes (id int)', 'create table notes (id int)'],
    ['create view notes as select 1', 'create view notes as select 1'],
    ['create sequence notes', 'create sequence notes'],
    ["create type notes as enum ('a')", "create type notes as enum ('a')"],
    [functionWith(''), functionWith('')],
    [
      'create table notes (id int); create index by_id on notes (id)',
      'create table notes (id int); create index by_id on notes (id); alter table notes add column id int',
    ],
  ])('%s', async (there, sql) => {
    const made = await isThere(`${there}; set search_path = app, public`, sql);
    expect(made).not.toContain(true);
    expect(await isThere('set search_path = public, app', sql)).not.toContain(false);
  });

  it('and a part of a table wherever the search path leads to the table', async () => {
    expect(
      await isThere(
        'create index by_id on messages (id); set search_path = app, public',
        'create index by_id on messages (id); alter table messages add column id int',
      ),
    ).toEqual([true, true]);
  });

  it('and nothing is there where no schema would take it', async () => {
    expect(await isThere("set search_path = ''", 'create table messages (id int)')).toEqual([false]);
  });
});
