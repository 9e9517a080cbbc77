import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findDatabase } from '../database.ts';
import { Refusal } from '../exit-codes.ts';
import { operatorName } from '../operator.ts';
import { crossfadeHere } from '../testing/crossfade-here.ts';

const here = mkdtempSync(join(tmpdir(), 'crossfade environment é-'));
const main = join(import.meta.dirname, '..', 'main.ts');
const file = join(here, 'file');
writeFileSync(file, '');

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(here, { recursive: true, force: true });
});
afterEach(() => vi.unstubAllEnvs());

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command in this process, with these variables set. */
function crossfadeHereWith(env: Readonly<Record<string, string>>, ...words: string[]): Promise<End> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return crossfadeHere(...words);
}

/** A process of its own with these variables set, and those that are undefined left out. */
function crossfadeWith(env: Readonly<Record<string, string | undefined>>, ...words: string[]): Promise<End> {
  const given = { ...process.env, DATABASE_URL: undefined, CROSSFADE_FOLDER: join(here, 'none'), ...env };
  const child = spawn(process.execPath, [main, ...words], {
    env: given,
    cwd: here,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('DATABASE_URL', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['geheim, and no URL', 'DATABASE_URL (not a URL): expected postgres://user:password@host:port/name'],
    [
      'mysql://u:geheim@h/d',
      'DATABASE_URL mysql://u:***@h/d: expected postgres://user:password@host:port/name',
    ],
    [
      'http://u:geheim@h/d',
      'DATABASE_URL http://u:***@h/d: expected postgres://user:password@host:port/name',
    ],
    [' postgres:u:geheim@h ', 'DATABASE_URL (not a URL): expected postgres://user:password@host:port/name'],
  ];

  it.each(refused)('%s is refused, and told without its password', async (url, told) => {
    vi.stubEnv('DATABASE_URL', url);
    await expect(findDatabase(undefined)).rejects.toThrow(new Refusal(told));
  });

  it.each(['postgres://h/d', ' postgresql://h/d\n', 'POSTGRES://h/d'])('%j is taken', async (url) => {
    vi.stubEnv('DATABASE_URL', url);
    expect((await findDatabase(undefined)).url).toBe(url.trim());
  });

  it('is not looked at when --database is given; --database is never blank', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://wrong/d');
    expect((await findDatabase('postgres://right/d')).url).toBe('postgres://right/d');
    await expect(findDatabase(' ')).rejects.toThrow('--database is empty: expected postgres://');
  });

  it.each([
    ['a host that is not there', 'postgres://u:geheim@nowhere.invalid/d', /nowhere\.invalid\/d: /],
    [
      'a port that nobody listens on',
      'postgres://u:geheim@127.0.0.1:1/d?sslmode=require',
      /127\.0\.0\.1:1\/d\?sslmode=require: /,
    ],
    ['a password with a # in it', 'postgres://u:geheim#1@127.0.0.1:1/d', /: Invalid URL|expected/],
  ])('%s: refused, the password nowhere, not even in the cause of the error', async (_name, url, told) => {
    const end = await crossfadeHereWith({ DATABASE_URL: url, CROSSFADE_DEBUG: '1' }, 'status', '--json');
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({ exitCode: 2, error: expect.stringMatching(told) });
    expect(end.stderr).toMatch(/Caused by:/);
    expect(end.stdout + end.stderr).not.toContain('geheim');
  });

  it('with a wrong password is refused without it, or let in where the server asks for none', async () => {
    const url = new URL(database.directUrl);
    url.password = 'geheim';
    url.username = 'nobody_here';
    const end = await crossfadeHereWith({ DATABASE_URL: url.href }, 'status', '--json');
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({ error: expect.stringContaining('nobody_here') });
    expect(end.stdout + end.stderr).not.toContain('geheim');
  });
});

describe('demo --fresh with DATABASE_URL', () => {
  it('is refused, and throws nothing away: neither that database nor the embedded one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-fresh-'));
    mkdirSync(join(folder, 'postgres'));
    const env = { CROSSFADE_FOLDER: folder, DATABASE_URL: 'postgres://127.0.0.1:1/d' };
    const end = await crossfadeWith(env, 'demo', '--fresh', '--json');
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toEqual({
      error:
        '--fresh throws away the embedded database, and DATABASE_URL names another one, which is left alone: ' +
        'unset DATABASE_URL, or leave out --fresh',
      exitCode: 2,
    });
    expect(readdirSync(folder)).toEqual(['postgres']);
    rmSync(folder, { recursive: true });
  });
});

describe("what Postgres' own tools read from the environment", () => {
  it('does not lead a command elsewhere than its URL says', async () => {
    const elsewhere = {
      PGHOST: '/nowhere',
      PGPORT: '1',
      PGUSER: 'nobody',
      PGPASSWORD: 'geheim',
      PGDATABASE: 'other',
    };
    const end = await crossfadeHereWith({ DATABASE_URL: database.url, ...elsewhere }, 'status', '--json');
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(end.stdout)).toMatchObject({ run: null });
  });
});

describe('CROSSFADE_FOLDER', () => {
  it.each([
    ['a file', file, 'ENOTDIR'],
    ['a device', '/dev/null', 'ENOTDIR'],
    ['too long a name', 'd'.repeat(5_000), 'ENAMETOOLONG'],
  ])('%s is refused, and named', async (_name, folder, reason) => {
    const end = await crossfadeWith({ CROSSFADE_FOLDER: folder }, 'status', '--json');
    expect(end.code).toBe(2);
    const { error }: { error: string } = JSON.parse(end.stdout);
    expect(error).toBe(
      `CROSSFADE_FOLDER ${folder} cannot be used (${reason}): expected a folder that this account may write to`,
    );
    expect(end.stderr).not.toMatch(/\n\s+at /);
  });

  it('with blanks, letters of other alphabets and a line break is shown in one piece, and not made by looking', async () => {
    const folder = join(here, 'a é 日本\n\u{1b}[2J');
    const end = await crossfadeWith({ CROSSFADE_FOLDER: folder }, 'status');
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('a é 日本');
    expect(end.stderr).not.toContain('\u{1b}[2J');
    expect(readdirSync(here)).toEqual(['file']);
  });
});

describe('an embedded database that cannot be started', () => {
  it('refuses the command, which has changed nothing, and names it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-embedded-'));
    writeFileSync(join(folder, 'postgres'), 'no folder');
    const end = await crossfadeWith({ CROSSFADE_FOLDER: folder }, 'status', '--json');
    rmSync(folder, { recursive: true });
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toMatchObject({ error: expect.stringContaining(folder), exitCode: 2 });
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('what else the environment may hold', () => {
  it.each([
    ['no home and no folder for temporary files', { HOME: undefined, TMPDIR: undefined }],
    ['a home that is not there', { HOME: '/nowhere', TMPDIR: '/nowhere', XDG_CONFIG_HOME: '/nowhere' }],
    ['nonsense for a width', { COLUMNS: '-1e9', LINES: 'many' }],
    ['little memory', { NODE_OPTIONS: '--max-old-space-size=96' }],
  ])('%s is no trouble', async (_name, env) => {
    const end = await crossfadeWith(
      env,
      'validate',
      join(import.meta.dirname, '../testing/ten-second-plan'),
      '--json',
    );
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(end.stdout)).toMatchObject({ valid: true });
  });
});

describe('CROSSFADE_ACTOR', () => {
  it.each([
    ['  Ana García ', 'Ana García'],
    ['日本', '日本'],
  ])('%j is %j', (given, name) => {
    vi.stubEnv('CROSSFADE_ACTOR', given);
    expect(operatorName()).toBe(name);
  });

  it.each(['', '   '])('%j is not set: the name of the account', (given) => {
    vi.stubEnv('CROSSFADE_ACTOR', given);
    expect(operatorName()).toMatch(/^\S+$/);
  });

  it.each(['x'.repeat(10_000), 'ana\nroot', '\u{1b}[2J', 'ana\u{202e}'])(
    '%.20j is refused: it would be in the journal',
    (given) => {
      vi.stubEnv('CROSSFADE_ACTOR', given);
      expect(operatorName).toThrow(
        /^CROSSFADE_ACTOR ".{1,45}: expected a name of one line and at most 200 characters$/,
      );
    },
  );
});
