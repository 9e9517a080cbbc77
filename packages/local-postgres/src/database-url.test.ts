import { describe, expect, test } from 'vitest';
import { parseDatabaseUrl, redactUrl, withDatabase } from './database-url.ts';

describe('redactUrl', () => {
  test.each([
    ['postgres://ann:geheim@db.example.com:5432/shop', 'postgres://ann:***@db.example.com:5432/shop'],
    ['postgres://ann@localhost/shop', 'postgres://ann@localhost/shop'],
    ['postgres://localhost/shop', 'postgres://localhost/shop'],
    ['postgres:///shop?host=/run&password=geheim&ssl=1', 'postgres:///shop?host=/run&password=***&ssl=1'],
    // Broken ones, as people paste them: no part of the password may remain.
    ['postgres://ann:ge@he/im@db/shop', 'postgres://ann:***@db/shop'],
    ['postgres://ann:geheim@db:port/shop', 'postgres://ann:***@db:port/shop'],
    ['ann:geheim@db', '(not a URL)'],
  ])('%s is shown as %s', (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});

describe('parseDatabaseUrl', () => {
  test.each([
    ['postgres://ann:geheim@db:port/shop', 'DATABASE_URL is not a URL'],
    ['postgres://ann:12/geheim@db/shop', 'DATABASE_URL is ambiguous'],
    ['postgres://ann:12#geheim@db/shop', 'DATABASE_URL is ambiguous'],
    ['mysql://ann:geheim@db/shop', 'DATABASE_URL begins with "mysql://"'],
    ['geheim', 'DATABASE_URL is not a URL'],
  ])('refuses %s without showing the password', (url, message) => {
    let error: unknown;
    try {
      parseDatabaseUrl(url, 'DATABASE_URL');
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toContain(message);
    expect(String(error)).toContain('postgres://user:password@host:5432/database');
    expect(String(error)).not.toContain('geheim');
  });

  test('takes an escaped password', () => {
    expect(parseDatabaseUrl('postgresql://ann:a%2Fb%40c@db/shop', 'DATABASE_URL').hostname).toBe('db');
  });
});

test('withDatabase keeps server, credentials and parameters', () => {
  expect(withDatabase('postgres://ann:x@db:1/postgres?ssl=1', 'a b')).toBe(
    'postgres://ann:x@db:1/a%20b?ssl=1',
  );
});
