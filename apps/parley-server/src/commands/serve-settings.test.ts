import { expect, it } from 'vitest';
import { databaseUrl, directDatabaseUrl } from './database-url.ts';
import { hostOf, logLevelOf, portOf, proxiesOf, signUpOf, workspaceOf } from './serve-settings.ts';

it('takes what makes sense', () => {
  expect([portOf('0'), portOf('65535')]).toEqual([0, 65_535]);
  expect(hostOf('::1')).toBe('::1');
  expect([undefined, '', 'WARN'].map(logLevelOf)).toEqual(['info', 'info', 'warn']);
  expect(proxiesOf('')).toEqual([]);
  expect(workspaceOf(' Salt marsh ')).toBe('Salt marsh');
  expect(['open', 'closed'].map(signUpOf)).toEqual([true, false]);
  expect(proxiesOf('10.0.0.1, 10.1.0.0/16,fd00::/8')).toEqual(['10.0.0.1', '10.1.0.0/16', 'fd00::/8']);
});

it.each([
  [() => portOf('65536'), '--port 65536: expected a number from 0 to 65535'],
  [() => portOf('-1'), '--port -1: expected a number'],
  [() => hostOf(' '), '--host is empty: expected an address'],
  [() => logLevelOf('loud'), 'LOG_LEVEL loud: expected one of trace, debug, info'],
  [() => proxiesOf('proxy.example'), '--trust-proxy proxy.example: expected an address or a network'],
  [() => proxiesOf('10.0.0.1/33'), '--trust-proxy 10.0.0.1/33: expected'],
  [() => proxiesOf('10.0.0.0/0'), '--trust-proxy 10.0.0.0/0: expected an address or a network'],
  [() => proxiesOf('::/0'), '--trust-proxy ::/0: expected'],
  [() => proxiesOf('10.0.0.1/8/8'), '--trust-proxy 10.0.0.1/8/8: expected'],
  [() => proxiesOf('10.0.0.1,,'), '--trust-proxy : expected'],
  [() => workspaceOf(' '), 'expected a name of 1 to 100 characters'],
  [() => signUpOf('yes'), '--sign-up yes: expected open or closed'],
])('says what it expected: %#', (read, message) => {
  expect(read).toThrow(message);
});

it('takes the address of a database as it is, and none for none', () => {
  const url = 'postgres://ana:p%40ss@db.example:5433/parley';
  expect(databaseUrl({ DATABASE_URL: ` ${url} ` })).toBe(url);
  expect(databaseUrl({ DATABASE_URL: 'postgresql:///parley?host=/tmp' })).toBe(
    'postgresql:///parley?host=/tmp',
  );
  expect(directDatabaseUrl({})).toBeUndefined();
  expect(directDatabaseUrl({ DATABASE_DIRECT_URL: ' ' })).toBeUndefined();
});

it.each([
  ['', 'DATABASE_URL is not set'],
  ['http://ana:secret@db.example/parley', 'DATABASE_URL is not the address of a Postgres database'],
  ['postgres://ana:secret@db.example:99999/parley', 'DATABASE_URL is not the address'],
  ['postgres://ana:secret#1@db.example/parley', 'DATABASE_URL is not the address'],
  ['postgres://ana:secret@db.example/parley?sslcert=/no/such.crt', '(ENOENT: no such file or directory'],
])('refuses %j without showing a password', (address, message) => {
  let said = '';
  try {
    databaseUrl({ DATABASE_URL: address });
  } catch (error) {
    said = String(error);
  }
  expect(said).toContain(message);
  expect(said).toContain('expected postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  expect(said).not.toContain('secret');
});
