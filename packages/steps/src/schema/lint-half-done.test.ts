import { describe, expect, it } from 'vitest';
import { schemaStep } from './definition.ts';

const concurrently = 'create index concurrently i on t (n)';
const config = schemaStep.configSchema.parse({ file: 'a.sql' });

const lint = (apply: string, revert: string) =>
  schemaStep.lint(config, { 'a.sql': `${apply};\n-- crossfade:undo\n${revert};` });

const finding =
  'a.sql:3: fails in the undo of a migration that was cut off before what this takes back: expected IF EXISTS, IF NOT EXISTS ' +
  'or OR REPLACE, or that it takes back one statement of this file by name (CREATE for DROP, RENAME for RENAME); otherwise ' +
  'put both into a file that runs in one transaction';

/** What an undo may say, and what in the migration makes it safe there. */
const takingBack: readonly (readonly [undo: string, apply: string])[] = [
  ['alter table t rename column b to a', 'alter table t rename column a to b'],
  ['alter table t rename constraint b to a', 'alter table t rename constraint a to b'],
  ['alter table if exists t rename column b to a', 'alter table t rename column a to b'],
  ['alter table u rename to t', 'alter table t rename to u'],
  ['alter index j rename to i', 'alter index i rename to j'],
  ['alter view w rename to v', 'alter view v rename to w'],
  ['alter trigger b on t rename to a', 'alter trigger a on t rename to b'],
  ['alter function g() rename to f', 'alter function f() rename to g'],
  ['alter schema b rename to a', 'alter schema a rename to b'],
  ['alter type app.b rename to a', 'alter type app.a rename to b'],
  ['alter table t add constraint c check (n > 0)', 'alter table t drop constraint c'],
  ['create view v as select 1', 'drop view v'],
  ['create function f() returns int language sql as $$ select 1 $$', 'drop function f()'],
  ['create trigger a after insert on t execute function f()', 'drop trigger a on t'],
  ['create policy a on t using (true)', 'drop policy a on t'],
  [`create type mood as enum ('merry')`, 'drop type mood'],
  ['create sequence s', 'drop sequence s'],
  ['create index j on t (n)', 'drop index j'],
  ['create index concurrently j on t (n)', 'drop index j'],
  ['create index concurrently j on t (n)', 'drop index concurrently j'],
];

describe('the undo of a file that runs statement by statement', () => {
  it.each(takingBack)('may say what fails when done twice, for what it takes back: %s', (undo, apply) => {
    expect(lint(`${concurrently}; ${apply}`, undo)).toEqual([]);
    expect(lint(concurrently, undo)).toEqual([finding]);
    // Applied in one transaction, all of it is there to be taken back, or nothing.
    expect(lint('create table u (n int)', undo)).toEqual([]);
  });

  it.each([
    'alter table t add column n int',
    'alter table t add check (n > 0)',
    'alter table p attach partition p1 default',
    'alter table p detach partition p1',
    'alter table t inherit u',
    'alter table t alter column n add generated always as identity',
    'alter table t set schema app',
    `alter type mood rename value 'calm' to 'merry'`,
    `alter type mood add value 'calm'`,
    'create table u (n int)',
    'create table u as select 1',
    'select 1 as n into u',
    'create type u as (n int)',
    'create rule r as on insert to t do nothing',
    'create aggregate a (int) (sfunc = f, stype = int)',
  ])('may not say without that: %s', (undo) => {
    expect(lint(concurrently, undo)).toEqual([finding]);
  });

  it.each([
    ['create index j on t (n)', 'drop index concurrently j'],
    ['alter table t rename column b to a', 'alter table t rename column a to c'],
    ['alter table t rename column b to a', 'alter table u rename column a to b'],
    ['alter table t rename column b to a', 'alter table t add column b int'],
    [
      'alter table t add constraint c check (n > 0), add constraint d check (n > 1)',
      'alter table t drop constraint c',
    ],
  ])('cannot know whether it is wanted: %s for %s', (undo, apply) => {
    expect(lint(`${concurrently}; ${apply}`, undo)).toEqual([finding]);
  });

  it.each([
    'alter table t add column if not exists n int',
    'alter table t alter column n drop default, alter column n drop not null',
    'alter table t alter column n drop identity if exists',
    'alter table if exists u rename to t',
    'alter table if exists app.t set schema public',
    `alter type mood add value if not exists 'calm'`,
    'create table if not exists u (n int)',
    'create index if not exists j on t (n)',
    'create index concurrently if not exists j on t (n)',
    'create or replace view v as select 1',
    'create or replace function f() returns int language sql as $$ select 1 $$',
    'drop view if exists v',
    'select 1',
    'vacuum t',
    'update t set n = 1',
    'grant select on t to public',
  ])('may say at any time: %s', (undo) => {
    expect(lint(concurrently, undo)).toEqual([]);
  });
});

it('says nothing of an undo whose counterpart cannot be read', () => {
  const apart = schemaStep.configSchema.parse({ file: 'a.sql', transaction: false });
  const sql = 'alter tabel t rename column a to b;\n-- crossfade:undo\nalter table t rename column b to a;';
  expect(schemaStep.lint(apart, { 'a.sql': sql })).toEqual(['a.sql:1:7: syntax error at or near "tabel"']);
});
