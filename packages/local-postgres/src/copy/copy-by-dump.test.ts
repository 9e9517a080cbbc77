import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noOlderServer, startOlderServer } from '../../../../tools/older-server.ts';
import type { OlderServer } from '../../../../tools/older-server.ts';
import { withDatabase } from '../database-url.ts';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres.ts';
import type { EmbeddedPostgres } from '../embedded-postgres.ts';
import { withClient } from '../with-client.ts';
import { copyByDump } from './copy-by-dump.ts';
import type { SampleSize } from './copy-selected.ts';
import { findDumpPrograms } from './dump-programs.ts';

// Needs the machine's own Postgres, which .ci/run installs; where there is none, it is said what was not run.
let source: OlderServer;
let url: string;
let directory: string;
let target: EmbeddedPostgres;

const tables = `
  create role app login password 'p' bypassrls; create role reader; grant reader to app;
  create schema shop authorization app; alter schema public owner to app;
  set role app;
  create type mood as enum ('well', 'unwell');
  create table shop.kinds (code text primary key);
  create table people (id int primary key, manager int references people, kind text not null references shop.kinds,
    doubled int generated always as (id * 2) stored, mood mood default 'well');
  create table orders (id bigserial primary key, person int not null references people, note text, "odd ""name""" int);
  create index on orders (person);
  create policy own on orders to reader using (note is not null);
  insert into shop.kinds values ('usual'), ('it''s \\odd');
  insert into people (id, manager, kind) select n, nullif(n / 2, 0), case when n % 2 = 0 then 'usual' else 'it''s \\odd' end
    from generate_series(1, 20000) n;
  insert into orders (person, note) select 1 + n % 20000, E'a\\tb\\n' from generate_series(1, 40000) n;
  reset role;
  analyze;
  alter database shop set search_path = shop, public;`;

beforeAll(async () => {
  if (noOlderServer !== undefined) return;
  source = await startOlderServer();
  url = withDatabase(source.url, 'shop');
  await run(source.url, 'create database shop');
  await run(url, tables);
  await run(source.url, 'alter database shop owner to app');
  directory = await mkdtemp(path.join(os.tmpdir(), 'crossfade-dump-'));
  await chmod(directory, 0o711);
});
afterAll(async () => {
  if (noOlderServer !== undefined) return;
  await source.stop();
  await rm(directory, { recursive: true, force: true });
});

async function run(database: string, query: string): Promise<unknown[]> {
  return await withClient(database, async (client) => (await client.query<object>(query)).rows);
}

async function count(database: string, table: string): Promise<number> {
  const [row] = await withClient(
    database,
    async (client) => (await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)).rows,
  );
  return row?.n ?? -1;
}

/** As the role `app`, which may not do everything. */
async function copied(sample?: SampleSize): Promise<string> {
  const major = Number(/\d+/.exec(source.version)?.[0]);
  const programs = await findDumpPrograms(major);
  if (programs === undefined) throw new Error('no pg_dump on this machine: apt-get install postgresql');
  target = await startEmbeddedPostgres({ directory: path.join(directory, 'copy') });
  const sourceUrl = url.replace('postgres@', 'app:p@');
  return await copyByDump({ sourceUrl, target, programs, sample, signal: new AbortController().signal });
}

async function removed(): Promise<void> {
  await target.stop();
  await removeEmbeddedPostgres(path.join(directory, 'copy'));
}

describe('a copy of a database on an older server', () => {
  beforeEach(({ skip }) => skip(noOlderServer !== undefined, noOlderServer));

  test('has its rows, owners, policies and settings, and we may there what we may in the original', async () => {
    const copy = await copied();
    expect(await count(copy, 'orders')).toBe(40_000);
    expect(
      await run(
        copy,
        `select current_user::text as me, tableowner as owner from pg_tables where tablename = 'orders'`,
      ),
    ).toEqual([{ me: 'app', owner: 'app' }]);
    expect(await run(copy, 'show search_path')).toEqual([{ search_path: 'shop, public' }]);
    expect(await run(copy, 'select roles from pg_policies')).toEqual([{ roles: '{reader}' }]);
    await expect(run(copy, 'create role another')).rejects.toThrow('permission denied');
    await run(copy, 'delete from orders');
    expect(await count(url, 'public.orders')).toBe(40_000);
    await removed();
  });

  test.each([{ percent: 10 }, { rows: 4000 }])(
    'in part (%o): every row has those that it refers to',
    async (sample) => {
      const copy = await copied(sample);
      const orders = await count(copy, 'orders');
      const wanted = 'rows' in sample ? 4000 : (40_000 * sample.percent) / 100;
      expect(orders).toBeGreaterThan(wanted * 0.8);
      expect(orders).toBeLessThan(wanted * 1.2);
      expect(await count(copy, 'kinds')).toBe(2);
      expect(await count(copy, 'people')).toBeLessThan(20_000);
      expect(
        await run(copy, `select count(*)::int as n from pg_constraint where contype = 'f' and convalidated`),
      ).toEqual([{ n: 3 }]);
      expect(await run(copy, `select nextval('orders_id_seq')::int as next`)).toEqual([{ next: 40_001 }]);
      await removed();
    },
  );

  test('is not made where the embedded Postgres lacks an extension: it is named', async () => {
    await run(
      url,
      `create extension if not exists plpgsql; insert into pg_extension select 90001, 'postgis', extowner, extnamespace,
      extrelocatable, extversion, null, null from pg_extension where extname = 'plpgsql'`,
    );
    await expect(copied()).rejects.toThrow(
      'that the embedded Postgres does not have, so that it cannot be copied into one: postgis',
    );
    await run(url, `delete from pg_extension where extname = 'postgis'`);
    await removed();
  });
});

test('programs older than the server are not taken: they would refuse it', async () => {
  expect(await findDumpPrograms(99)).toBeUndefined();
  expect(await findDumpPrograms(1, [])).toBeUndefined();
});
