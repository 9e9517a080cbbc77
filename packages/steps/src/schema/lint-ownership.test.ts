import { describe, expect, it } from 'vitest';
import { schemaStep } from './definition.ts';

function lint(apply: string, revert: string): readonly string[] {
  const config = schemaStep.configSchema.parse({ file: 'a.sql' });
  return schemaStep.lint(config, { 'a.sql': `${apply};\n-- crossfade:undo\n${revert};` });
}

describe('data that no undo brings back', () => {
  it.each([
    'drop schema app cascade',
    'drop type mood cascade',
    'drop domain positive cascade',
    'drop extension hstore cascade',
    'delete from t',
    'drop owned by somebody',
  ])('is lost by: %s', (sql) => {
    expect(lint(sql, 'select 1').join()).toContain('a.sql:1: loses data that no undo brings back');
  });

  it.each([
    'drop type mood',
    'drop view v cascade',
    'drop function f()',
    'alter table t alter n drop default',
  ])('is not lost by: %s', (sql) => {
    expect(lint(sql, 'select 1')).toEqual([]);
  });
});

describe('what the undo drops', () => {
  it.each([
    ['create sequence if not exists s', 'drop sequence if exists s', 'IF NOT EXISTS passes over'],
    ['create table if not exists t as select 1', 'drop table if exists t', 'IF NOT EXISTS passes over'],
    ['create index if not exists i on t (n)', 'drop index if exists i', 'IF NOT EXISTS passes over'],
    ['create or replace view v as select 1', 'drop view if exists v', 'OR REPLACE takes the place'],
    [
      'create or replace trigger a after insert on t execute function f()',
      'drop trigger if exists a on t',
      'OR REPLACE takes the place',
    ],
  ])('must be made here: %s', (apply, revert, finding) => {
    expect(lint(apply, revert).join()).toContain(`a.sql:1: ${finding}`);
  });

  it.each([
    ['create sequence s', 'drop sequence if exists s'],
    ['create view v as select 1', 'drop view if exists v'],
    ['create sequence if not exists shared', 'select 1'],
    ['create or replace view v as select 2', 'create or replace view v as select 1'],
    ['alter table t add constraint c check (n > 0) not valid', 'alter table t drop constraint if exists c'],
  ])('is nobody else’s here: %s', (apply, revert) => {
    expect(lint(apply, revert)).toEqual([]);
  });

  it('may be gone already: a constraint too is dropped IF EXISTS', () => {
    expect(lint('alter table t add constraint c check (n > 0)', 'alter table t drop constraint c')).toEqual([
      'a.sql:3: a DROP in the undo needs IF EXISTS: it may have to take back half a migration',
    ]);
  });
});

it('has nothing to say about a file that is missing: its reference says so', () => {
  expect(schemaStep.lint(schemaStep.configSchema.parse({ file: 'a.sql' }), {})).toEqual([]);
});
