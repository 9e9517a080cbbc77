import { stat } from 'node:fs/promises';
import { hasCode } from './binaries.ts';

/** Whether there is a file or folder of this name. */
export async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
