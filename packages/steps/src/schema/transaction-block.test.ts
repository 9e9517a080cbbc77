import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlStateOf } from '../target/sql-state.ts';
import { onlyStatement } from '../testing/only-statement.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { runsInTransaction } from './transaction-block.ts';

const inside = [
  'create index i on t (n)',
  'drop index i',
  'reindex index i',
  'reindex (verbose) index i',
  'reindex (concurrently off) table t',
  'reindex (concurrently 0) table t',
  'create table u (n int)',
  'refresh materialized view concurrently m',
  `alter type mood add value 'calm'`,
  'alter table p detach partition p1',
  'cluster t using i',
  'discard plans',
  'alter database somebodys with allow_connections true',
  `create subscription s connection 'dbname=none' publication q with (connect = false)`,
  `create subscription s connection 'dbname=none' publication q with (create_slot = false)`,
];

const outside = [
  'create index concurrently i2 on t (n)',
  'drop index concurrently i',
  'reindex index concurrently i',
  'reindex (concurrently) table t',
  'reindex (concurrently on) table t',
  'reindex schema public',
  'reindex database somebodys',
  'reindex system somebodys',
  'vacuum t',
  'vacuum (analyze) t',
  'cluster',
  'discard all',
  'alter table p detach partition p1 concurrently',
  'alter system set work_mem = 1024',
  'create database d',
  'drop database if exists d',
  'alter database somebodys set tablespace pg_default',
  `create tablespace s location '/nowhere'`,
  'drop tablespace if exists s',
  `create subscription s connection 'dbname=none' publication q`,
];

/** What Postgres refuses only for what it finds in the database. */
const outsideWhereThereIsOne = [
  'drop subscription if exists s',
  'alter subscription s refresh publication',
  'alter subscription s set publication q',
  'alter subscription s add publication q with (copy_data = false)',
];

it.each([
  ...inside.map((sql) => [sql, true] as const),
  ...outside.map((sql) => [sql, false] as const),
  ...outsideWhereThereIsOne.map((sql) => [sql, false] as const),
  ['alter subscription s enable', true] as const,
  ['alter subscription s set publication q with (refresh = false)', true] as const,
  // Postgres lets it, we do not.
  ['analyze t', false] as const,
])('%s is carried out inside a transaction: %s', (sql, runs) => {
  expect(runsInTransaction(onlyStatement(sql))).toBe(runs);
});

describe('Postgres itself', () => {
  let database: TestTarget;
  beforeAll(async () => {
    database = await createTestTarget(`
      create table t (n int); create index i on t (n);
      create table p (n int) partition by list (n); create table p1 partition of p for values in (1);
      create type mood as enum ('merry');
      create materialized view m as select 1 as n; create unique index on m (n);
    `);
  });
  afterAll(async () => await database.drop());

  const refusedInside = '25001';
  async function stateInside(sql: string): Promise<string | undefined> {
    await database.connection.query('begin');
    try {
      await database.connection.query(sql);
      return undefined;
    } catch (error) {
      return sqlStateOf(error);
    } finally {
      await database.connection.query('rollback');
    }
  }

  it.each(outside)('refuses inside a transaction: %s', async (sql) => {
    expect(await stateInside(sql)).toBe(refusedInside);
  });

  it.each(inside)('has nothing against a transaction around: %s', async (sql) => {
    expect(await stateInside(sql)).not.toBe(refusedInside);
  });
});
