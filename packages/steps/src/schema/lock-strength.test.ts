import { expect, it } from 'vitest';
import { parseStatements } from '../sql/parse-statements.ts';
import { onlyStatement } from '../testing/only-statement.ts';
import { locksOf, waitsAlone } from './lock-strength.ts';

function keepsOut(sql: string): readonly string[] {
  const parsed = parseStatements(sql);
  if (!parsed.ok) throw new Error(parsed.message);
  return locksOf(parsed.statements).map((lock) => lock.keepsOut);
}

it.each([
  ['alter table t add column n int', 'everybody'],
  ['alter table t validate constraint c', 'nobody'],
  ['alter table t validate constraint c, add column n int', 'everybody'],
  ['alter table t add constraint f foreign key (n) references u (n) not valid', 'writers'],
  [
    'alter table t add constraint f foreign key (n) references u (n) not valid, add column m int',
    'everybody',
  ],
  ['drop trigger a on t', 'everybody'],
  ['drop index i', 'everybody'],
  ['lock table t', 'everybody'],
  ['do $$ begin end $$', 'everybody'],
  ['create index i on t (n)', 'writers'],
  ['create trigger a after insert on t execute function f()', 'writers'],
  ['create table new (id int references t (id))', 'writers'],
  ['update t set n = 1', 'writers'],
  ['create table new (id int)', 'nobody'],
  ['create table new as select * from t', 'nobody'],
  ['insert into new select * from t', 'nobody'],
  ['create function f() returns int language sql as $$ select 1 $$', 'nobody'],
])('%s keeps out: %s', (sql, expected) => {
  expect(keepsOut(sql)).toEqual([expected]);
});

it.each([
  ['alter table t validate constraint c', true],
  ['alter table t validate constraint c, add column n int', false],
  ['alter table t add constraint f foreign key (n) references u (n) not valid', false],
  ['select from t', false],
])('whether %s may wait long for its lock: %s', (sql, expected) => {
  expect(waitsAlone(onlyStatement(sql))).toBe(expected);
});

it('a table of the same transaction is nobody else’s yet', () => {
  expect(keepsOut('create table a (n int); create index i on a (n); alter table a add column m int')).toEqual(
    ['nobody', 'nobody', 'nobody'],
  );
});
