import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning } from './is-running.ts';
import { unmountLeftOvers } from './small-disk.ts';

/** What the name of every ground's folder begins with, before the id of the process that stands on it. */
export const groundPrefix = 'crossfade-faults-';

/**
 * A run that was killed could not remove its folder: the next one does, when both are of one account.
 * @param parent where the folders are made.
 */
export async function removeAbandonedGrounds(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const folder = join(parent, name);
    if (await isAbandoned(name, folder)) await removeGround(folder);
  }
}

async function isAbandoned(name: string, folder: string): Promise<boolean> {
  const pid = new RegExp(`^${groundPrefix}(\\d+)-`).exec(name)?.[1];
  if (pid === undefined || isRunning(Number(pid))) return false;
  return (await ownerOf(folder)) === process.getuid?.();
}

/** The account that it belongs to; undefined when it has just been removed. */
async function ownerOf(folder: string): Promise<number | undefined> {
  try {
    return (await lstat(folder)).uid;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Another run may be removing the same one. */
async function removeGround(folder: string): Promise<void> {
  try {
    await unmountLeftOvers(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
