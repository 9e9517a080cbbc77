import { expect, it } from 'vitest';
import { parseStatements, type Statement } from '../sql/parse-statements.ts';
import { createdBy, droppedBy } from './created-and-dropped.ts';

function only(sql: string): Statement {
  const parsed = parseStatements(sql);
  if (!parsed.ok) throw new Error(`${sql}: ${parsed.message}`);
  const [statement] = parsed.statements;
  if (!statement || parsed.statements.length > 1) throw new Error(`${sql}: expected one statement`);
  return statement;
}

it.each([
  ['create table app.t (n int)', ['table t']],
  ['create table t as select 1', ['table t']],
  ['create materialized view m as select 1', ['view m']],
  ['create view app.v as select 1', ['view v']],
  ['create sequence s', ['sequence s']],
  ['create index i on t (n)', ['index i']],
  ['create index on t (n)', []],
  ['create function app.f() returns int language sql as $$ select 1 $$', ['function f']],
  ['create procedure p() language sql as $$ select 1 $$', ['function p']],
  ['create schema app', ['schema app']],
  ['create extension hstore', ['extension hstore']],
  ['create trigger a after insert on t execute function f()', ['trigger t.a']],
  ['create policy a on t', ['policy t.a']],
  ['create type app.pair as (a int, b int)', ['type pair']],
  ["create type app.mood as enum ('sad')", ['type mood']],
  ['create type app.span as range (subtype = int)', ['type span']],
  ['create domain app.positive as int check (value > 0)', ['type positive']],
  ['alter table t add column n int, add column m int', ['column t.n', 'column t.m']],
  ['alter table t add constraint c check (n > 0)', ['constraint t.c']],
  ['alter table t add check (n > 0)', []],
  ['alter table t alter column n set not null', []],
  ['insert into t values (1)', []],
])('%s creates %s', (sql, created) => {
  expect(createdBy(only(sql))).toEqual(created);
});

it.each([
  ['drop table if exists app.t, u', ['table t', 'table u']],
  ['drop view v', ['view v']],
  ['drop materialized view m', ['view m']],
  ['drop sequence s', ['sequence s']],
  ['drop index concurrently if exists i', ['index i']],
  ['drop function if exists app.f(int), g()', ['function f', 'function g']],
  ['drop procedure p', ['function p']],
  ['drop routine r', ['function r']],
  ['drop schema app', ['schema app']],
  ['drop extension hstore', ['extension hstore']],
  ['drop trigger a on app.t', ['trigger t.a']],
  ['drop policy a on t', ['policy t.a']],
  ['drop type app.mood', ['type mood']],
  ['drop domain positive', ['type positive']],
  ['drop aggregate a(int)', []],
  ['alter table t drop column n, drop constraint c', ['column t.n', 'constraint t.c']],
  ['alter table t alter column n drop not null', []],
  ['delete from t', []],
])('%s drops %s', (sql, dropped) => {
  expect(droppedBy(only(sql))).toEqual(dropped);
});

it('calls what is dropped by the name that it was created by', () => {
  const pairs = [
    ['create table t (n int)', 'drop table t'],
    ['create view v as select 1', 'drop view v'],
    ['create function f() returns int language sql as $$ select 1 $$', 'drop function f()'],
    ['create trigger a after insert on t execute function f()', 'drop trigger a on t'],
    ['create policy a on t', 'drop policy a on t'],
    ["create type mood as enum ('sad')", 'drop type mood'],
    ['alter table t add constraint c check (n > 0)', 'alter table t drop constraint c'],
  ] as const;
  for (const [create, drop] of pairs) expect(droppedBy(only(drop))).toEqual(createdBy(only(create)));
});
