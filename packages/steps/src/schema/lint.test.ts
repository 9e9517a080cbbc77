import { describe, expect, it } from 'vitest';
import { schemaStep } from './definition.ts';

function lint(sql: string, settings: object = {}): readonly string[] {
  const config = schemaStep.configSchema.parse({ file: 'a.sql', ...settings });
  return schemaStep.lint(config, { 'a.sql': sql });
}
const undo = '\n-- crossfade:undo\ndrop table if exists t;';

describe('what is known to be wrong with a migration before it runs', () => {
  it('is nothing, for a sound one', () => {
    expect(lint(`create table t (n int);${undo}`)).toEqual([]);
  });

  it.each([
    ['select é from from t;', 'a.sql:2:15: syntax error at or near "from"'],
    ['begin; create table t (n int); commit;', 'a.sql:2: begins or ends a transaction: Crossfade does that'],
    ['create table if not exists t (n int);', 'a.sql:2: IF NOT EXISTS passes over what was there before'],
    ['alter table t add column if not exists n int;', 'a.sql:2: IF NOT EXISTS passes over'],
    ['create index concurrently on t (n);', 'a.sql:2: a concurrent index needs a name'],
    ['-- nothing', 'a.sql: has no statement to apply'],
    ['alter table t drop column n;', 'a.sql:2: loses data that no undo brings back'],
    ['drop table u;', 'a.sql:2: loses data that no undo brings back'],
    ['truncate t;', 'a.sql:2: loses data that no undo brings back'],
  ])('%s', (sql, finding) => {
    expect(lint(`\n${sql}${undo}`).join('\n')).toContain(finding);
  });

  it('is a missing or an empty undo', () => {
    expect(lint('create table t (n int);').join()).toContain(
      'has no undo: expected a line "-- crossfade:undo"',
    );
    expect(lint('create table t (n int);\n-- crossfade:undo\n').join()).toContain('has no statement after');
  });

  it('is an undo that cannot take back half a migration', () => {
    const strict = 'create table t (n int);\n-- crossfade:undo\ndrop table t;\nalter table u drop column n;';
    expect(lint(strict)).toEqual([
      'a.sql:3: a DROP in the undo needs IF EXISTS: it may have to take back half a migration',
      'a.sql:4: a DROP in the undo needs IF EXISTS: it may have to take back half a migration',
    ]);
  });

  it('counts lines of the file in the undo too', () => {
    expect(lint('create table t (n int);\n-- crossfade:undo\ndrop tabel t;')).toEqual([
      'a.sql:3:6: syntax error at or near "tabel"',
    ]);
  });

  it('is a transaction around what cannot run in one', () => {
    const sql =
      'create index concurrently i on t (n);\n-- crossfade:undo\ndrop index concurrently if exists i;';
    expect(lint(sql)).toEqual([]);
    expect(lint(sql, { transaction: true }).join()).toContain('a.sql:1: cannot run inside a transaction');
  });
});

describe('an undo that would drop what is not ours', () => {
  const fn = 'function f() returns int language sql as $$ select 1 $$;\n-- crossfade:undo\n';
  it.each([
    ['create schema if not exists app;\n-- crossfade:undo\ndrop schema if exists app;', 'IF NOT EXISTS'],
    ['create extension if not exists hstore;\n-- crossfade:undo\ndrop extension if exists hstore;', 'IF NOT'],
    [`create or replace ${fn}drop function if exists f();`, 'OR REPLACE takes the place of what was there'],
  ])('is found: %s', (sql, finding) => {
    expect(lint(sql).join()).toContain(`a.sql:1: ${finding}`);
  });

  it('is none where the former one is brought back', () => {
    expect(lint(`create or replace ${fn}create or replace ${fn.split('\n')[0]}`)).toEqual([]);
  });

  it('must name one thing a statement where the migration may stop half-way', () => {
    const index = (name: string) => `create index concurrently ${name} on t (n);`;
    const dropped = 'drop function if exists f(), g();';
    expect(lint(`${index('i')}\n-- crossfade:undo\n${dropped}`)).toEqual([
      'a.sql:3: drops several things at once: one a statement, as the migration may have come to only some of them',
    ]);
    expect(lint(`create table t (n int);\n-- crossfade:undo\n${dropped}`)).toEqual([]);
  });
});

describe('what nobody should be made to wait for', () => {
  it('is VACUUM FULL', () => {
    expect(lint(`vacuum full t;${undo}`).join()).toContain('a.sql:1: VACUUM FULL keeps everybody out');
    expect(lint(`vacuum (analyze) t;${undo}`)).toEqual([]);
  });

  it.each(['0s', '0.4ms', '8d'])('is a lock timeout of %s, which is none', (lock_timeout) => {
    expect(schemaStep.configSchema.safeParse({ file: 'a.sql', lock_timeout }).error?.message).toContain(
      'expected a duration from 1ms to 1d',
    );
  });
});
