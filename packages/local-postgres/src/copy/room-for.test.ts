import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assertNotFull, assertRoom, NoRoomError } from './room-for.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'crossfade-room-'));
});
afterEach(async () => await rm(directory, { recursive: true, force: true }));

test('too little room is told with what is needed, what is free, and where', async () => {
  const asked = assertRoom(directory, Number.MAX_SAFE_INTEGER);
  await expect(asked).rejects.toThrow(NoRoomError);
  await expect(asked).rejects.toThrow(/about 8.0 PB are needed, and .* are free in .*crossfade-room-/);
});

test.runIf(process.platform === 'linux')(
  'it is the disk of the data that fills up, which may be another one than that of the folder',
  async () => {
    await expect(assertNotFull(directory)).resolves.toBeUndefined();
    // Has no room at all, ever.
    await writeFile(path.join(directory, 'place.json'), JSON.stringify({ place: '/proc' }));
    await expect(assertNotFull(directory)).rejects.toThrow('are free in /proc');
  },
);
