import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
