import { expect, test } from 'vitest';
import { openDatabase } from './open-database.ts';
import { assertSupported, UnsupportedPostgresError } from './usable-database.ts';

test.each([
  'postgres://ann:geheim@127.0.0.1:1/shop',
  'postgres://ann:geheim@/x/@127.0.0.1/shop',
  'ann:geheim@db',
])('the DATABASE_URL %s fails without showing the password', async (url) => {
  const opening = openDatabase({ directory: '/nowhere', databaseName: 'x', env: { DATABASE_URL: url } });
  const error: unknown = await opening.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).not.toContain('geheim');
});

test('a server older than Postgres 14 is refused', () => {
  const old = { serverVersion: 130_012, versionText: '13.12', where: 'The database "shop" on db:5432' };
  expect(() => assertSupported(old)).toThrow(UnsupportedPostgresError);
  expect(() => assertSupported(old)).toThrow(
    '"shop" on db:5432 is Postgres 13.12: expected Postgres 14 or newer',
  );
  expect(() => assertSupported({ ...old, serverVersion: 140_000 })).not.toThrow();
});
