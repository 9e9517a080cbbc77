import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from './open-database.ts';
import { createTestDatabase } from './testing.ts';
import type { TestDatabase } from './testing.ts';
import { assertUsableDatabase } from './usable-database.ts';
import { withClient } from './with-client.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database.drop();
});

async function run(...statements: string[]): Promise<void> {
  await withClient(database.url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

describe('a database may be used when it', () => {
  test('is empty', async () => {
    const usable = await assertUsableDatabase(database.url);
    expect(usable).toMatchObject({ empty: true, marked: false });
    expect(usable.serverVersion).toBeGreaterThanOrEqual(140_000);
  });

  test('is a fresh managed one', async () => {
    await run(
      'create schema auth',
      'create table auth.users (id uuid primary key)',
      'create schema storage',
      'create table storage.objects (id uuid primary key)',
    );
    expect(await assertUsableDatabase(database.url)).toMatchObject({ empty: true, marked: false });
  });

  test('has in public nothing but what an extension brought', async ({ skip }) => {
    const possible = `select from pg_available_extensions, pg_roles
      where name = 'pg_stat_statements' and rolname = current_user and rolsuper`;
    const { rowCount } = await withClient(database.url, async (client) => await client.query(possible));
    // Only on a server of DATABASE_URL: the embedded one has the extension, and we are its superuser.
    skip(rowCount === 0, 'this server or this user cannot install pg_stat_statements');
    await run('create extension pg_stat_statements');
    expect(await assertUsableDatabase(database.url)).toMatchObject({ empty: true, marked: false });
  });

  test('holds nothing but the schema of Crossfade', async () => {
    await run('create schema crossfade', 'create table crossfade.journal (id bigint)');
    expect(await assertUsableDatabase(database.url)).toMatchObject({ empty: true, marked: false });
  });

  test('is marked as Parley’s', async () => {
    await run(
      'create schema parley',
      'create table parley.installation (id int)',
      'create table messages (id int)',
    );
    expect(await assertUsableDatabase(database.url)).toMatchObject({ empty: false, marked: true });
  });
});

describe('a foreign database', () => {
  test('is refused by name, host and up to five of its tables', async () => {
    await run(...'abcdefg'.split('').map((name) => `create table table_${name} (id int)`));
    const { hostname, pathname } = new URL(database.url);
    const error: unknown = await assertUsableDatabase(database.url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ForeignDatabaseError' });
    expect(String(error)).toContain(`The database "${pathname.slice(1)}" on ${hostname}:`);
    expect(String(error)).toContain(
      'public.table_a, public.table_b, public.table_c, public.table_d, public.table_e, and 2 more',
    );
    expect(String(error)).not.toContain('table_f');
  });

  test('is refused also when it has a schema named parley without our mark', async () => {
    await run('create schema parley', 'create table parley.notes (id int)');
    await expect(assertUsableDatabase(database.url)).rejects.toThrow(/parley\.notes/);
  });

  test('is refused as DATABASE_URL', async () => {
    await run('create table orders (id int)');
    const opening = openDatabase({
      directory: '/nowhere',
      databaseName: 'x',
      env: { DATABASE_URL: database.url },
    });
    await expect(opening).rejects.toThrow(/public\.orders/);
  });
});

describe('DATABASE_URL', () => {
  test('is used when it names a usable database, and its server is left alone', async () => {
    const opened = await openDatabase({
      directory: '/nowhere',
      databaseName: 'x',
      env: { DATABASE_URL: ` ${database.url}` },
    });
    expect(opened).toMatchObject({ url: database.url, embedded: undefined });
    await opened.close();
    await assertUsableDatabase(database.url);
  });
});
