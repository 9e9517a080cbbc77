import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../exit-codes.ts';

/** Beside a cluster of ours, or instead of it, while somebody makes or uses it, and where it lies elsewhere. */
const markers = ['place.json', 'owner.json'];

/**
 * The copy of an earlier rehearsal is removed with its folder: nothing else may be.
 * @throws Refusal naming something in the folder, where none of it is ours.
 */
export async function refuseForeignFolder(directory: string): Promise<void> {
  const names = await namesIn(directory);
  const [first] = names;
  if (first === undefined || markers.some((marker) => names.includes(marker))) return;
  if (names.includes('password') && holdsCluster(directory)) return;
  throw new Refusal(
    `${directory} is where the copy would be made, and holds something else (${join(directory, first)}): nothing was touched; ` +
      'move it away, or set CROSSFADE_FOLDER to another folder',
  );
}

/** A folder of ours gets the name `data` only when the cluster in it is complete: any other one of that name is somebody's own. */
function holdsCluster(directory: string): boolean {
  return existsSync(join(directory, 'data', 'PG_VERSION'));
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
