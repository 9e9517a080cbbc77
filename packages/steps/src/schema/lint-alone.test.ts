import { describe, expect, it } from 'vitest';
import { schemaStep } from './definition.ts';

const config = schemaStep.configSchema.parse({ file: 'a.sql' });
const lint = (apply: string, revert = 'select 1') =>
  schemaStep.lint(config, { 'a.sql': `${apply};\n-- crossfade:undo\n${revert};` });

const byHand =
  'runs outside of a transaction and cannot be resumed when it is cut off: do it before the plan, or after it';
const newIndex =
  'REINDEX CONCURRENTLY leaves an invalid index behind when it is cut off, which nobody clears away: build a new index ' +
  'CONCURRENTLY, and drop the old one';
const oneAfterTheOther = 'keeps everybody out of one table after the other: name one index or table';

describe('what must not run outside of a transaction', () => {
  it.each([
    ['reindex index concurrently i', newIndex],
    ['reindex (concurrently) schema app', newIndex],
    ['reindex schema app', `REINDEX SCHEMA ${oneAfterTheOther}`],
    ['reindex database', `REINDEX DATABASE ${oneAfterTheOther}`],
    ['reindex system', `REINDEX SYSTEM ${oneAfterTheOther}`],
    ['cluster', `CLUSTER without a table ${oneAfterTheOther}`],
    ['vacuum full t', 'VACUUM FULL keeps everybody out of the table until it is written anew'],
    ['vacuum (full true) t', 'VACUUM FULL keeps everybody out of the table until it is written anew'],
    [
      'alter table p detach partition p1 concurrently',
      'DETACH PARTITION CONCURRENTLY cannot be resumed when it is cut off: leave out CONCURRENTLY, in a file that runs in ' +
        'one transaction',
    ],
    ['create database d', byHand],
    ['drop database if exists d', byHand],
    ['alter database d set tablespace s', byHand],
    [`create tablespace s location '/s'`, byHand],
    ['drop tablespace if exists s', byHand],
    [`create subscription s connection 'dbname=d' publication p`, byHand],
    ['drop subscription if exists s', byHand],
    ['alter subscription s add publication p', byHand],
  ])('is refused in both directions: %s', (sql, finding) => {
    expect(lint(sql)).toEqual([`a.sql:1: ${finding}`]);
    expect(lint('create table t (n int)', sql)).toEqual([`a.sql:3: ${finding}`]);
  });

  it.each([
    'vacuum t',
    'vacuum (full false) t',
    'analyze t',
    'alter system set work_mem = 1024',
    'alter subscription s refresh publication',
    'alter subscription s set publication p',
    'reindex index i',
    'cluster t using i',
    'alter table p detach partition p1',
    'refresh materialized view concurrently m',
    `alter type mood add value 'calm'`,
  ])('is not: %s', (sql) => {
    expect(lint(sql)).toEqual([]);
  });
});
