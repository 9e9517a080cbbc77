import { expect, it } from 'vitest';
import { readMigrationFile } from './migration-file.ts';
import { undoTasks } from './undo-tasks.ts';

const read = (apply: readonly string[], revert: readonly string[]) =>
  readMigrationFile(
    { file: 'a.sql' },
    { 'a.sql': [...apply, '-- crossfade:undo', ...revert].join(';\n').replace('undo;', 'undo') },
  );

const swap = read(
  ['create index concurrently new on t (n)', 'drop index concurrently old', 'alter index new rename to old'],
  ['alter index old rename to new', 'create index concurrently old on t (n)', 'drop index if exists new'],
);

it.each([
  [[], []],
  [[0], [2]],
  [
    [0, 1],
    [1, 2],
  ],
  [
    [0, 1, 2],
    [0, 1, 2],
  ],
])('of what was begun in %j, the undo takes back in %j', (begun, undone) => {
  expect(undoTasks(swap, new Set(begun)).map(({ index }) => index)).toEqual(undone);
});

it('knows what puts back what the migration took away', () => {
  expect(undoTasks(swap, new Set([0, 1, 2])).map(({ putsBack }) => putsBack)).toEqual([true, true, false]);
});

it.each([
  ['create table u (n int)', 'alter table u alter column n drop default'],
  ['create table u (n int)', 'create index if not exists i on u (n)'],
  ['create view v as select 1', 'create or replace view w as select * from v'],
  ['alter table t add column b int', 'alter table t alter column b drop not null'],
  ['alter table t add constraint c check (n > 0) not valid', 'alter table t validate constraint c'],
  ['create trigger a after insert on t execute function f()', 'alter table t disable trigger a'],
])('leaves alone what was never made, as by %s: %s', (apply, undo) => {
  const file = read(['create index concurrently i on t (n)', apply], [undo]);
  expect(undoTasks(file, new Set([0]))).toEqual([]);
  expect(undoTasks(file, new Set([0, 1]))).toHaveLength(1);
});

it('leaves a table alone whose name another schema has, too, where only one of them was made', () => {
  const file = read(
    ['create table auth.keys (n int)', 'create table public.keys (n int)'],
    ['drop table if exists public.keys', 'drop table if exists auth.keys'],
  );
  expect(undoTasks(file, new Set([1]))).toEqual([]);
  expect(undoTasks(file, new Set([0, 1]))).toHaveLength(2);
});

it('leaves a constraint alone that was made of an index which was there before', () => {
  const file = read(
    ['create unique index concurrently u on t (n)', 'alter table t add constraint u unique using index u'],
    ['alter table t drop constraint if exists u', 'drop index concurrently if exists u'],
  );
  expect(undoTasks(file, new Set([1]))).toEqual([]);
  expect(undoTasks(file, new Set([0, 1]))).toHaveLength(2);
});
