import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { BigIntStats, StatsFs } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { killServer } from './left-over-server.ts';
import { identifyProcess, isSameProcess, ps } from './process-identity.ts';
import { clusterName, serverProcesses, servesDirectory } from './server-processes.ts';
import { serverSettings } from './server-settings.ts';

const disk = vi.hoisted(() => ({
  answer: undefined as undefined | (() => Promise<StatsFs>),
  closed: undefined as undefined | string,
}));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const statSync = (file: string, options: { bigint: true }): BigIntStats => {
    if (file === disk.closed) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    return real.statSync(file, options);
  };
  return { ...real, statSync };
});
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const statfs: typeof real.statfs = (async (...given: Parameters<typeof real.statfs>) =>
    disk.answer ? await disk.answer() : await real.statfs(...given)) as typeof real.statfs;
  return { ...real, statfs };
});

const platform = process.platform;
function pretend(other: NodeJS.Platform): void {
  Object.defineProperty(process, 'platform', { value: other });
}
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  pretend(platform);
  vi.restoreAllMocks();
  disk.answer = undefined;
  disk.closed = undefined;
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

type ImpostorOptions = { cwd?: string; settings?: (folder: string) => string[] };

/** A process that is called like our Postgres server on a folder, and does nothing. */
async function startImpostor({ cwd, settings = named }: ImpostorOptions = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-é-'));
  const words = ['/bin/postgres', '-D', folder, ...settings(folder)];
  const child = spawn('/bin/sh', ['-c', 'echo up; read -r line', ...words], {
    cwd: cwd ?? folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  cleanUps.push(async () => {
    const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
    child.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  await once(child.stdout, 'data');
  if (child.pid === undefined) throw new Error('the shell could not be started');
  return { pid: child.pid, folder, end: () => child.stdin.end(), ended: once(child, 'exit') };
}

function named(folder: string): string[] {
  return ['-c', `cluster_name=${clusterName(folder)}`, '-c', 'x=y'];
}

describe.each<NodeJS.Platform>(['darwin', platform])('on %s', (system) => {
  test('a process is known by its id and its start, for as long as it runs', async () => {
    pretend(system);
    const impostor = await startImpostor();
    const identity = identifyProcess(impostor.pid);
    if (!identity) throw new Error('the process runs, and is not known');
    expect(isSameProcess(identity)).toBe(true);
    expect(isSameProcess({ ...identity, startedAt: 'at another time' })).toBe(false);
    impostor.end();
    await impostor.ended;
    expect(isSameProcess(identity)).toBe(false);
  });

  test('a process stays the same when the time zone changes', () => {
    pretend(system);
    const seenFrom = (zone: string) => {
      vi.stubEnv('TZ', zone);
      return identifyProcess(process.pid);
    };
    try {
      const identity = seenFrom('Asia/Tokyo');
      expect(identity?.pid).toBe(process.pid);
      expect(seenFrom('America/New_York')).toEqual(identity);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('a server is known by its name, whatever letters are in its path, and no stranger is taken for it', async () => {
    pretend(system);
    const impostor = await startImpostor();
    expect(servesDirectory(impostor.pid, impostor.folder)).toBe(true);
    expect(serverProcesses(impostor.folder)).toEqual([impostor.pid]);
    expect(servesDirectory(process.pid, impostor.folder)).toBe(false);
    expect(servesDirectory(impostor.pid, path.dirname(impostor.folder))).toBe(false);
    impostor.end();
    await impostor.ended;
    expect(servesDirectory(impostor.pid, impostor.folder)).toBe(false);
    expect(serverProcesses(impostor.folder)).toEqual([]);
  });
});

describe('a server on a system that shows where it works', () => {
  beforeEach(({ skip }) => skip(platform !== 'linux', 'only Linux shows where a process works'));

  test('is ours also before it has gone to its folder', async () => {
    const { folder, pid } = await startImpostor({ cwd: '/' });
    expect(serverProcesses(folder)).toEqual([pid]);
  });

  test('is not ours in another folder that has the same path in another container', async () => {
    const { folder, pid } = await startImpostor({ cwd: os.tmpdir() });
    expect(servesDirectory(pid, folder)).toBe(false);
    expect(serverProcesses(folder)).toEqual([]);
  });

  test('is ours when its folder was removed, and made again', async () => {
    const { folder, pid } = await startImpostor();
    await rm(folder, { recursive: true });
    expect(serverProcesses(folder)).toEqual([pid]);
    await mkdir(folder);
    expect(serverProcesses(folder)).toEqual([pid]);
  });

  test('is ours by its name where we may not see the folder', async () => {
    const { folder, pid } = await startImpostor({ cwd: os.tmpdir() });
    disk.closed = `/proc/${pid}/cwd`;
    expect(serverProcesses(folder)).toEqual([pid]);
  });

  test('is the one on our data also when somebody started it under another name', async () => {
    const unnamed = { settings: () => ['-c', 'x=y'] };
    const { folder, pid } = await startImpostor(unnamed);
    expect(servesDirectory(pid, folder)).toBe(true);
    const elsewhere = await startImpostor({ ...unnamed, cwd: os.tmpdir() });
    expect(servesDirectory(elsewhere.pid, elsewhere.folder)).toBe(false);
  });
});

describe.each<NodeJS.Platform>(['darwin', platform])('between two looks on %s', (system) => {
  test('a process may end: it is nobody', () => {
    pretend(system);
    vi.spyOn(process, 'kill').mockReturnValue(true);
    expect(identifyProcess(2 ** 22 + 1)).toBeUndefined();
  });
});

describe('a server that is to be killed', () => {
  const refusing = (code: string) => () => {
    throw Object.assign(new Error(`kill ${code}`), { code });
  };

  test('may be gone a moment before', async () => {
    const { folder } = await startImpostor();
    const kill = vi.spyOn(process, 'kill').mockImplementation(refusing('ESRCH'));
    killServer(folder);
    expect(kill).toHaveBeenCalledOnce();
  });

  test('and is not ours to kill, is an error', async () => {
    const { folder } = await startImpostor();
    vi.spyOn(process, 'kill').mockImplementation(refusing('EPERM'));
    expect(() => killServer(folder)).toThrow('kill EPERM');
  });
});

test('a process that nobody has is nobody', () => {
  pretend('darwin');
  expect(identifyProcess(2 ** 22 + 1)).toBeUndefined();
});

test('a system without ps says so', () => {
  vi.stubEnv('PATH', '/nowhere');
  try {
    expect(() => ps(['-o', 'pid='])).toThrow('ps -o pid= could not be run: ');
  } finally {
    vi.unstubAllEnvs();
  }
});

describe('shared memory', () => {
  const kind = async () => (await serverSettings(5432, '/data', {}))['dynamic_shared_memory_type'];
  const sized = (mebibytes: number) => async () =>
    await Promise.resolve({ bsize: 4_096, blocks: mebibytes * 256 } as StatsFs);
  const failing = (code: string) => async () =>
    await Promise.reject(Object.assign(new Error(code), { code }));

  test('is the system’s own where there is enough of it', async () => {
    pretend('linux');
    disk.answer = sized(256);
    expect(await kind()).toBe('posix');
  });

  test.each([
    ['a container has little of it', sized(64)],
    ['there is none', failing('ENOENT')],
    ['it is closed to us', failing('EACCES')],
  ])('is in files where %s', async (_what, answer) => {
    pretend('linux');
    disk.answer = answer;
    expect(await kind()).toBe('mmap');
  });

  test('that cannot be looked at is an error', async () => {
    pretend('linux');
    disk.answer = failing('EIO');
    await expect(kind()).rejects.toThrow('EIO');
  });

  test('is not looked at where it is no file system', async () => {
    pretend('darwin');
    disk.answer = failing('EIO');
    expect(await kind()).toBe('posix');
  });
});

test('what makes a server reachable from elsewhere is not to be set', async () => {
  const own = { listen_addresses: '*', port: '1', unix_socket_directories: '/tmp', jit: 'on' };
  expect(await serverSettings(5432, '/data', own)).toMatchObject({
    listen_addresses: '127.0.0.1',
    port: '5432',
    unix_socket_directories: '',
    jit: 'on',
  });
});
