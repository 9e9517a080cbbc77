import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../exit-codes.ts';

/** At least one of these lies in every folder in which a cluster of ours was begun. */
const markers = ['data', 'place.json', 'owner.json'];

/**
 * The copy of an earlier rehearsal is removed with its folder: nothing else may be.
 * @throws Refusal naming something in the folder, where none of it is ours.
 */
export async function refuseForeignFolder(directory: string): Promise<void> {
  const names = await namesIn(directory);
  const [first] = names;
  if (first === undefined || markers.some((marker) => names.includes(marker))) return;
  throw new Refusal(
    `${directory} is where the copy would be made, and holds something else (${join(directory, first)}): nothing was touched; ` +
      'move it away, or set CROSSFADE_FOLDER to another folder',
  );
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
