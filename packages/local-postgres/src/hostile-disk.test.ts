import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { inspectEmbedded } from './inspect-embedded.ts';
import { readOwner, takeOwnership } from './owner-file.ts';
import { identifyProcess } from './process-identity.ts';
import { choosePlace } from './reachable-place.ts';

type Call = 'mkdir' | 'rename' | 'readFile' | 'link';

/** What happens right before a call of ours: others are at work on the same disk, and the disk has its own troubles. */
const disk = vi.hoisted(() => ({
  before: undefined as undefined | ((call: Call, file: string) => Promise<void>),
}));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const hooked =
    (call: Call) =>
    async (...given: unknown[]): Promise<unknown> => {
      await disk.before?.(call, String(given[call === 'rename' || call === 'link' ? 1 : 0]));
      return await Reflect.apply(real[call], real, given);
    };
  const calls = ['mkdir', 'rename', 'readFile', 'link'] as const;
  return { ...real, ...Object.fromEntries(calls.map((call) => [call, hooked(call)])) };
});

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'crossfade-hostile-')));
});
afterEach(async () => {
  disk.before = undefined;
  await rm(folder, { recursive: true });
});

/** Once, right before our call on a file of this name. */
function meanwhile(call: Call, name: string, happens: () => Promise<unknown>): void {
  disk.before = async (called, file) => {
    if (called !== call || path.basename(file) !== name) return;
    disk.before = undefined;
    await happens();
  };
}

function failing(call: Call, name: string, code: string): void {
  meanwhile(call, name, async () => {
    throw Object.assign(new Error(`${call} ${code}`), { code });
  });
}

describe('the owner of a place that several runs want', () => {
  const left = (startedAt: string) => JSON.stringify({ pid: 2 ** 22 + 1, startedAt });
  const stale = left('1');
  const file = () => path.join(folder, 'owner.json');
  beforeEach(async () => await writeFile(file(), stale));

  test('is one, too, where the disk knows no links', async () => {
    await rm(file());
    failing('link', 'owner.json', 'EPERM');
    await takeOwnership(folder);
    expect((await readOwner(folder))?.pid).toBe(process.pid);
    failing('link', 'owner.json', 'ENOTSUP');
    await expect(takeOwnership(folder)).rejects.toThrow('is in use by this process');
  });

  test('is we, when another run has just given it free', async () => {
    meanwhile('readFile', 'owner.json', async () => await rm(file()));
    await takeOwnership(folder);
    expect((await readOwner(folder))?.pid).toBe(process.pid);
  });

  test('is the faster one, who keeps it', async () => {
    const faster = JSON.stringify(identifyProcess(process.ppid));
    meanwhile('readFile', 'owner.json', async () => await writeFile(file(), faster));
    await expect(takeOwnership(folder)).rejects.toThrow(`is in use by the process ${process.ppid}: `);
    expect(await readFile(file(), 'utf8')).toBe(faster);
  });

  test('is left to the others when stale ones keep coming back', async () => {
    let number = 0;
    disk.before = async (call, read) => {
      if (call === 'readFile' && path.basename(read) === 'owner.json')
        await writeFile(file(), left(String((number += 1))));
    };
    await expect(takeOwnership(folder)).rejects.toThrow(
      `${file()} keeps coming back: other runs start here at the same moment; try again`,
    );
  });

  test('is not we, where the stale one cannot be replaced', async () => {
    failing('rename', 'owner.json', 'EACCES');
    await expect(takeOwnership(folder)).rejects.toThrow('rename EACCES');
    expect(await readFile(file(), 'utf8')).toBe(stale);
    expect(await readdir(folder)).toEqual(['owner.json']);
  });
});

describe('a place for the data where the server cannot go', () => {
  const name = /^crossfade-postgres-[0-9a-f]{16}$/;
  const choose = async (): Promise<string> =>
    await choosePlace(undefined, path.join(folder, 'unreachable'), [path.join(folder, 'missing'), folder]);
  const failingAll = (code: string): void => {
    disk.before = async (call, made) => {
      if (call !== 'mkdir' || !name.test(path.basename(made))) return;
      throw Object.assign(new Error(`mkdir ${code}`), { code });
    };
  };

  test.each(['ENOSPC', 'EROFS', 'EACCES'])('is nowhere (%s): what was tried is told', async (code) => {
    failingAll(code);
    await expect(choose()).rejects.toThrow(
      `Tried: ${folder}/missing (cannot be entered), ${folder} (mkdir ${code}). Set TMPDIR to a folder`,
    );
  });

  test('is not looked for elsewhere when the disk itself fails', async () => {
    failingAll('EIO');
    await expect(choose()).rejects.toThrow(/^mkdir EIO$/);
  });
});

describe('what there is of a server', () => {
  const version = async () => (await inspectEmbedded(folder))?.version;

  test('has no version before it was made', async () => {
    expect(await version()).toBeUndefined();
  });

  test.each([
    ['EACCES', 'unreadable'],
    ['ENOENT', undefined],
  ])('has a version that is closed to us, or gone: %s', async (code, told) => {
    await mkdir(path.join(folder, 'data'));
    failing('readFile', 'PG_VERSION', code);
    expect(await version()).toBe(told);
  });

  test('cannot be told when the disk fails', async () => {
    failing('readFile', 'PG_VERSION', 'EIO');
    await expect(version()).rejects.toThrow('readFile EIO');
  });
});
