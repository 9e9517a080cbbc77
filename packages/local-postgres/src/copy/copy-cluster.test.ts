import { chmod, chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres.ts';
import type { EmbeddedPostgres } from '../embedded-postgres.ts';
import { withClient } from '../with-client.ts';
import { NoRoomError } from './room-for.ts';
import { findRunningCluster } from './running-cluster.ts';
import type { RunningCluster } from './running-cluster.ts';

let parent: string;
let source: EmbeddedPostgres;
let url: string;

beforeAll(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'crossfade-copy-'));
  await chmod(parent, 0o711);
  // Whoever archives the log of the original must not be sent the copy's.
  const settings = { archive_mode: 'on', archive_command: 'cp %p /nowhere/%f' };
  source = await startEmbeddedPostgres({ directory: path.join(parent, 'source'), settings });
  url = await source.ensureDatabase('app');
  await run(url, `create table pairs (id bigserial primary key, twin bigint not null, filler text)`);
  await run(
    url,
    `insert into pairs (twin, filler) select n, repeat('x', 200) from generate_series(1, 50000) n`,
  );
});

afterAll(async () => {
  await source.stop();
  await rm(parent, { recursive: true, force: true });
});

async function run(database: string, query: string): Promise<unknown[]> {
  return await withClient(database, async (client) => (await client.query<object>(query)).rows);
}

async function sourceCluster(): Promise<RunningCluster> {
  const found = await findRunningCluster(url);
  if (found === undefined) throw new Error('the source is not found');
  return found;
}

/** Writes pairs of rows, each pair in one transaction, until it is told to stop. Returns how many there were. */
async function writeUntil(stopped: () => boolean): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  let pairs = 0;
  for (; !stopped(); pairs += 1) {
    await client.query(`begin; insert into pairs (twin) values (${pairs + 100_000})`);
    await client.query(`insert into pairs (twin) values (${-pairs - 100_000}); commit`);
    if (pairs % 10 === 0) await client.query(`update pairs set filler = filler || 'y' where id % 50 = 0`);
    // Files that are cut off and removed while they are copied.
    if (pairs % 20 === 0)
      await client.query(
        'create table if not exists fleeting as select generate_series(1, 20000); truncate fleeting; drop table fleeting',
      );
  }
  await client.end();
  return pairs;
}

describe('a copy of a running cluster', () => {
  test('is consistent although people go on writing, and the original is as it was', async () => {
    let isOver = false;
    const writing = writeUntil(() => isOver);
    const directory = path.join(parent, 'copy');
    const copy = await startEmbeddedPostgres({ directory, copyOf: await sourceCluster() });
    isOver = true;
    expect(await writing).toBeGreaterThan(20);
    const database = copy.databaseUrl('app');
    const [torn] = await run(
      database,
      `select count(*)::int as n from pairs p where twin >= 100000
      and not exists (select from pairs q where q.twin = -p.twin)`,
    );
    expect(torn).toEqual({ n: 0 });
    expect(
      await run(database, `select count(*)::int as n from pairs where twin between 1 and 50000`),
    ).toEqual([{ n: 50_000 }]);
    expect(await run(database, 'create extension if not exists amcheck')).toEqual([]);
    await run(database, `select bt_index_check('pairs_pkey', true)`);
    expect(await run(database, 'show archive_mode')).toEqual([{ archive_mode: 'off' }]);
    // Subscriptions of the original are in the copy too: nobody there may connect to their publishers.
    expect(await run(database, 'show max_logical_replication_workers')).toEqual([
      { max_logical_replication_workers: '0' },
    ]);
    await run(database, `truncate pairs`);
    await copy.stop();
    expect(await run(url, 'select count(*)::int > 50000 as all from pairs')).toEqual([{ all: true }]);
    expect(await run(url, 'select from pg_replication_slots')).toEqual([]);
    await removeEmbeddedPostgres(directory);
    expect(await readdir(parent)).toEqual(['source']);
  });

  test('has its tablespaces within itself', async () => {
    const place = await mkdtemp(path.join(parent, 'tablespace-'));
    await chmod(place, 0o777);
    const { uid, gid } = await stat((await sourceCluster()).data);
    await chown(place, uid, gid);
    await run(source.url, `create tablespace far location '${place}'`);
    await run(url, 'create table distant tablespace far as select generate_series(1, 1000) as n');
    const directory = path.join(parent, 'copy');
    const copy = await startEmbeddedPostgres({ directory, copyOf: await sourceCluster() });
    await run(copy.databaseUrl('app'), 'delete from distant');
    await run(copy.databaseUrl('app'), 'vacuum full distant');
    expect(await run(url, 'select count(*)::int as n from distant')).toEqual([{ n: 1000 }]);
    await copy.stop();
    await removeEmbeddedPostgres(directory);
    await run(url, 'drop table distant');
    await run(source.url, 'drop tablespace far');
  });

  test('is not begun where there is too little room: both figures are named, and nothing is left', async () => {
    const directory = path.join(parent, 'copy');
    const start = startEmbeddedPostgres({ directory, copyOf: await sourceCluster(), roomBytes: 4e18 });
    await expect(start).rejects.toThrow(NoRoomError);
    await expect(start).rejects.toThrow(/about \d+ PB are needed, and .* are free in/);
    await removeEmbeddedPostgres(directory);
    expect(await run(url, 'select from pg_replication_slots')).toEqual([]);
  });

  test('ends at once when it is not wanted any more, and leaves nothing', async () => {
    const directory = path.join(parent, 'copy');
    const signal = AbortSignal.abort(new Error('not wanted'));
    const start = startEmbeddedPostgres({ directory, copyOf: await sourceCluster(), signal });
    await expect(start).rejects.toThrow('not wanted');
    expect(await readdir(directory)).toEqual(['password']);
    await removeEmbeddedPostgres(directory);
  });
});

test('a server whose files are not known to be here is not taken for ours', async () => {
  const other = new URL(url);
  await run(source.url, `create role visitor login password 'p'`);
  [other.username, other.password] = ['visitor', 'p'];
  expect(await findRunningCluster(other.href)).toBeUndefined();
});
