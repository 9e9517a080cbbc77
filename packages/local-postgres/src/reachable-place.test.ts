import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { binariesIn, findBinaries } from './binaries.ts';
import { reachableBinaries } from './reachable-place.ts';
import { obstacleTo } from './server-account.ts';

const nobody = { uid: 65_534, gid: 65_534 };

test('programs that cannot run at all are reported with the words of the system', async () => {
  const missing = binariesIn(path.join(os.tmpdir(), 'no-such-folder'));
  await expect(reachableBinaries(undefined, missing)).rejects.toThrow(
    /cannot be started from .*no-such-folder\/bin\/postgres: .*ENOENT[^]*npm ci.*DATABASE_URL/,
  );
});

test('programs in a closed folder are copied to where the account can go', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'only root can make what this wants');
  const closed = await mkdtemp(path.join(os.tmpdir(), 'crossfade-closed-')); // mode 0700
  const installed = await findBinaries();
  await cp(installed.root, path.join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
  const unreachable = binariesIn(path.join(closed, 'native'));
  const copy = await reachableBinaries(nobody, unreachable);
  try {
    expect(copy.root).not.toBe(unreachable.root);
    expect(await obstacleTo(nobody, copy.initdb)).toBeUndefined();

    // A whole copy is used as it is.
    const { ino } = await stat(copy.root);
    expect(await reachableBinaries(nobody, unreachable)).toEqual(copy);
    expect((await stat(copy.root)).ino).toBe(ino);

    // A cleaner took one file: the copy is made anew.
    const lost = path.join(copy.root, 'share/postgresql/postgres.bki');
    await rm(lost);
    expect(await reachableBinaries(nobody, unreachable)).toEqual(copy);
    await rm(lost);
  } finally {
    await rm(path.dirname(copy.root), { recursive: true, force: true });
    await rm(closed, { recursive: true });
  }
});
