import { describe, expect, it } from 'vitest';
import { makesFinal, statementKinds } from './statements.ts';

describe('statementKinds', () => {
  it.each([
    ['select 1', ['other']],
    ['BEGIN; insert into a values (1); COMMIT', ['begin', 'write', 'commit']],
    ['start transaction isolation level serializable', ['begin']],
    ['rollback to savepoint a; rollback', ['other', 'rollback']],
    ['-- insert\nselect /* update */ 1', ['other']],
    [`select 'it''s; delete from a', "update;b"`, ['other']],
    ['create function f() as $body$ begin; delete from a; end $body$; select 1', ['write', 'other']],
    ['with a as (select 1) select * from a', ['other']],
    ['with a as (insert into b values (1) returning *) update c set d = 1', ['write']],
    ['select $1, $2', ['other']],
    [' ; ;', []],
  ])('%j is %j', (sql, kinds) => {
    expect(statementKinds(sql)).toEqual(kinds);
  });
});

describe('makesFinal', () => {
  it.each([
    { sql: 'update a set b = 1', inTransaction: false, final: true },
    { sql: 'update a set b = 1', inTransaction: true, final: false },
    { sql: 'commit', inTransaction: true, final: true },
    { sql: 'commit', inTransaction: false, final: false },
    { sql: 'rollback', inTransaction: true, final: false },
    { sql: 'begin; update a set b = 1', inTransaction: false, final: false },
    { sql: 'begin; update a set b = 1; commit', inTransaction: false, final: true },
    { sql: 'commit; select 1', inTransaction: true, final: true },
    { sql: 'select 1', inTransaction: false, final: false },
  ])('$sql, in a transaction: $inTransaction → $final', ({ sql, inTransaction, final }) => {
    expect(makesFinal(sql, inTransaction)).toBe(final);
  });
});
