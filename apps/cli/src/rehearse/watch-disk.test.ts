import { NoRoomError } from '@crossfade/local-postgres';
import { expect, test } from 'vitest';
import { watchDisk } from './watch-disk.ts';

test('a disk that fills up ends the work, and says which folder it is', async () => {
  const nearlyFull = async (folder: string) => await Promise.reject(new NoRoomError(`full: ${folder}`));
  const disk = watchDisk('/nowhere/at/all', nearlyFull);
  await new Promise((resolve) => disk.signal.addEventListener('abort', resolve, { once: true }));
  expect(disk.signal.reason).toEqual(new NoRoomError('full: /'));
  disk.stop();
});

test('a disk with room ends nothing', async () => {
  let looked = 0;
  const disk = watchDisk('/', async () => void (looked += 1));
  await expect.poll(() => looked, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(disk.signal.aborted).toBe(false);
  disk.stop();
});

test('a folder that is being removed while it is looked at ends nothing', async () => {
  let looked = 0;
  const disk = watchDisk('/', async () => {
    looked += 1;
    await Promise.reject(Object.assign(new Error('no such folder'), { code: 'ENOENT' }));
  });
  await expect.poll(() => looked, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(disk.signal.aborted).toBe(false);
  disk.stop();
});
