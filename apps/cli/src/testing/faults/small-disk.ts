import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const suffix = '-disk';
/** A small cluster, its write-ahead log of 64 MB at most, and some room. */
const size = '192m';

/** A small file system of its own, in memory, at `path` + "-disk". Returns where it is. */
export async function mountSmallDisk(path: string): Promise<string> {
  const directory = `${path}${suffix}`;
  await mkdir(directory, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'crossfade-faults', directory]);
  return directory;
}

export async function unmount(directory: string): Promise<void> {
  await run('umount', [directory]);
}

/** Gives back what a killed run has left mounted in its folder. */
export async function unmountLeftOvers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    // Not mounted is as good as unmounted; whatever else is wrong shows when the folder is removed.
    if (name.endsWith(suffix)) await unmount(join(folder, name)).catch(() => undefined);
  }
}

/** Writes until there is no space left. Returns how to free it again. */
export async function fillDisk(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'ballast');
  const file = await open(path, 'w');
  try {
    for (let block = Buffer.alloc(1 << 20, 1); block.length > 0;) {
      try {
        await file.write(block);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
        block = block.subarray(0, Math.floor(block.length / 2));
      }
    }
  } finally {
    await file.close();
  }
  return async () => await rm(path);
}

let obstacle: Promise<string | undefined> | undefined;

/** Why this process cannot mount; undefined when it can. */
export async function obstacleToMounting(): Promise<string | undefined> {
  return await (obstacle ??= tryToMount());
}

async function tryToMount(): Promise<string | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'crossfade-mount-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'crossfade-faults', directory]);
    await unmount(directory);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error);
    return `a small file system cannot be mounted (needs root on Linux): ${reason}`;
  } finally {
    await rm(directory, { recursive: true });
  }
}
