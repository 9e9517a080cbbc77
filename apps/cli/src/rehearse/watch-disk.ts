import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { assertNotFull, NoRoomError } from '@crossfade/local-postgres';

export interface DiskWatch {
  /** Aborted with a NoRoomError when the disk is nearly full: a copy must not take the last of what others live on. */
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

const lookEveryMs = 250;

/** Looks again and again how full the disk of a folder is, which need not be there yet. */
export function watchDisk(folder: string, assert = assertNotFull): DiskWatch {
  const full = new AbortController();
  const timer = setInterval(() => {
    // A folder that is made or removed at this very moment is looked at again a moment later.
    assert(nearestThere(folder)).catch((error: unknown) => {
      if (error instanceof NoRoomError) full.abort(error);
    });
  }, lookEveryMs);
  return { signal: full.signal, stop: () => clearInterval(timer) };
}

function nearestThere(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestThere(dirname(folder));
}
