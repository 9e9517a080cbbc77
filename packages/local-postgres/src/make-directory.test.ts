import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeDirectory } from './make-directory.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-make-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

const modeOf = async (file: string): Promise<number> => (await stat(file)).mode & 0o777;

describe('a folder', () => {
  test('is made with those above it, for everybody to walk through', async () => {
    const deep = path.join(folder, 'a', 'b', 'c');
    await makeDirectory(deep);
    expect(await modeOf(deep)).toBe(0o755);
    expect(await modeOf(path.join(folder, 'a'))).toBe(0o755);
  });

  test('that is there is left as it is', async () => {
    const own = path.join(folder, 'own');
    await mkdir(own, { mode: 0o700 });
    await makeDirectory(path.join(own, 'in'));
    await makeDirectory(own);
    expect(await modeOf(own)).toBe(0o700);
  });

  test('that several want is made once', async () => {
    const deep = path.join(folder, 'x', 'y');
    await Promise.all(Array.from({ length: 8 }, async () => await makeDirectory(deep)));
    expect((await stat(deep)).isDirectory()).toBe(true);
  });

  test('that cannot be made is told with the place that takes nothing, and why', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    await expect(makeDirectory(path.join(file, 'data'))).rejects.toThrow(
      new RegExp(`^cannot write to ${file}: ENOTDIR.*expected a folder that this account may write to$`),
    );
  });

  test('is refused at once where nothing can ever be made', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux has such a place: /proc');
    await expect(makeDirectory('/proc/crossfade/data')).rejects.toThrow('cannot write to /proc: ENOENT');
  });
});
