import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { refuseForeignFolder } from './refuse-foreign-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossfade-rehearsal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('lets a copy be made where there is nothing, or what an earlier rehearsal left', async () => {
  await expect(refuseForeignFolder(join(folder, 'none'))).resolves.toBeUndefined();
  await expect(refuseForeignFolder(folder)).resolves.toBeUndefined();
  writeFileSync(join(folder, 'owner.json'), '{}');
  await expect(refuseForeignFolder(folder)).resolves.toBeUndefined();
});

it('touches nothing of anybody else', async () => {
  writeFileSync(join(folder, 'mine'), 'a');
  await expect(refuseForeignFolder(folder)).rejects.toThrow(`${join(folder, 'mine')}): nothing was touched`);
});

it('takes a folder of data for its own only with a cluster in it, and the password beside', async () => {
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'figures.csv'), '1');
  await expect(refuseForeignFolder(folder)).rejects.toThrow('nothing was touched');
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '18');
  await expect(refuseForeignFolder(folder)).rejects.toThrow('nothing was touched');
  writeFileSync(join(folder, 'password'), 'p');
  await expect(refuseForeignFolder(folder)).resolves.toBeUndefined();
});
