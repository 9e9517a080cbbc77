import { describe, expect, it } from 'vitest';
import { schemaStep } from './definition.ts';

const concurrently = 'create index concurrently i on t (n)';

function lint(apply: readonly string[], revert: readonly string[], settings: object = {}): readonly string[] {
  const config = schemaStep.configSchema.parse({ file: 'a.sql', ...settings });
  const sql = [...apply, '-- crossfade:undo', ...revert].join(';\n').replace('undo;', 'undo');
  return schemaStep.lint(config, { 'a.sql': sql });
}
const inOneTransaction = (sql: string) => lint(['create table t (n int)', sql], ['drop table if exists t']);
const oneByOne = (sql: string) => lint([concurrently, sql], ['drop index concurrently if exists i']);

const qualify = 'qualify names with their schema, or use SET LOCAL in a file that runs in one transaction';
const setLocal = 'use SET LOCAL in a file that runs in one transaction';
const table = 'use a table of the database, or ON COMMIT DROP in a file that runs in one transaction';

describe('what stays on the session', () => {
  it.each([
    ['set search_path to app', 'SET search_path', qualify],
    ['set session search_path = app', 'SET search_path', qualify],
    [`select pg_catalog.set_config('search_path', '', false)`, 'set_config(…, false)', qualify],
    [`select set_config('search_path', '', n = 1) from t`, 'set_config(…, false)', qualify],
    [
      `select set_config('a.b', '', true), set_config('search_path', '', false)`,
      'set_config(…, false)',
      qualify,
    ],
    [
      `alter table t add column b text default set_config('a.b', '1', false)`,
      'set_config(…, false)',
      qualify,
    ],
    ['set statement_timeout = 0', 'SET statement_timeout', setLocal],
    ['set role app', 'SET role', setLocal],
    ['set session authorization app', 'SET session_authorization', setLocal],
    ['set session characteristics as transaction read only', 'SET SESSION CHARACTERISTICS', setLocal],
    [`set time zone 'UTC'`, 'SET timezone', setLocal],
    ['reset search_path', 'RESET search_path', qualify],
    ['reset role', 'RESET role', setLocal],
    ['reset all', 'RESET ALL', setLocal],
    ['prepare p as select 1', 'PREPARE', 'write out the statement itself'],
    ['execute p', 'EXECUTE', 'write out the statement itself'],
    ['deallocate p', 'DEALLOCATE', 'leave it out'],
    ['listen p', 'LISTEN', 'leave it out'],
    ['unlisten *', 'UNLISTEN', 'leave it out'],
    ['discard plans', 'DISCARD', 'leave it out'],
    [`load 'auto_explain'`, 'LOAD', 'leave it out'],
    ['create temp table u (n int)', 'CREATE TEMP', table],
    ['create temp table u as select 1', 'CREATE TEMP', table],
    ['select 1 as n into temp u', 'CREATE TEMP', table],
    ['create temp view u as select 1', 'CREATE TEMP', table],
    ['create temp sequence u', 'CREATE TEMP', table],
    ['create table pg_temp.u (n int)', 'CREATE TEMP', table],
    [`create function pg_temp.f() returns int language sql as 'select 1'`, 'CREATE TEMP', table],
    [
      'select pg_try_advisory_lock(1)',
      'pg_try_advisory_lock()',
      'use pg_advisory_xact_lock in a file that runs in one transaction',
    ],
  ])('is refused: %s', (sql, what, instead) => {
    const finding =
      `a.sql:2: ${what} outlives its transaction: a resumed run goes on without it, and through a connection pooler ` +
      `the next client inherits it: ${instead}`;
    expect(inOneTransaction(sql)).toEqual([finding]);
    expect(oneByOne(sql)).toContain(finding);
  });

  it('is refused in the undo, and at the top of what pg_dump writes', () => {
    const dump = ['set statement_timeout = 0', `select pg_catalog.set_config('search_path', '', false)`];
    expect(lint([...dump, 'create table t (n int)'], [...dump, 'drop table if exists t'])).toMatchObject([
      expect.stringContaining('a.sql:1: SET statement_timeout outlives'),
      expect.stringContaining('a.sql:2: set_config(…, false) outlives'),
      expect.stringContaining('a.sql:5: SET statement_timeout outlives'),
      expect.stringContaining('a.sql:6: set_config(…, false) outlives'),
    ]);
  });
});

describe('what ends with its transaction', () => {
  it.each([
    ['set local search_path to app', 'SET LOCAL search_path', qualify],
    ['set local role app', 'SET LOCAL role', setLocal],
    [`select set_config('search_path', '', true)`, 'set_config(…, true)', qualify],
    ['set constraints all deferred', 'SET CONSTRAINTS', 'use it in a file that runs in one transaction'],
    ['create temp table u (n int) on commit drop', 'CREATE TEMP', table],
  ])('is of use only in a file that runs in one: %s', (sql, what, instead) => {
    const finding = `: ${what} ends with its own statement, as this part of the file runs statement by statement: ${instead}`;
    expect(inOneTransaction(sql)).toEqual([]);
    expect(oneByOne(sql)).toEqual([`a.sql:2${finding}`]);
    expect(lint([sql], ['select 1'], { transaction: false })).toEqual([`a.sql:1${finding}`]);
    // The undo is asked for itself.
    expect(lint([concurrently], [sql, 'drop index if exists i'])).toEqual([]);
    expect(lint(['select 1'], [sql, 'drop index concurrently if exists i'])).toEqual([`a.sql:3${finding}`]);
  });

  it('cannot be its mode: that is set when it begins', () => {
    expect(inOneTransaction('set transaction isolation level serializable')).toEqual([
      'a.sql:2: SET TRANSACTION comes too late, in a transaction that Crossfade has begun: leave it out',
    ]);
  });
});

describe('what belongs to the database', () => {
  it.each([
    `create function f() returns int language sql set search_path = '' as 'select 1'`,
    'create function f() returns text begin atomic select set_config($$a.b$$, $$1$$, false); end',
    `alter role app set search_path to app`,
    `alter database app set search_path to app`,
    'create table v (n int)',
    `select app.set_config('a', 'b', false)`,
    'select pg_advisory_xact_lock(1)',
  ])('may be set anywhere: %s', (sql) => {
    expect(inOneTransaction(sql)).toEqual([]);
    expect(oneByOne(sql)).toEqual([]);
  });
});
