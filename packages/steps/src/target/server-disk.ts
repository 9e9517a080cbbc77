import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetConnection } from '@crossfade/engine';

export interface ServerDisk {
  readonly directory: string;
  readonly freeBytes: number;
}

interface DataDirectory {
  readonly directory: string | null;
  readonly startedAtSeconds: string;
}

/**
 * The disk that the server keeps its data on. Undefined when that cannot be known from here: on another machine, or when the
 * role may not see where it is. A folder of that name on this machine is believed only if this very server runs in it.
 */
export async function serverDisk(connection: TargetConnection): Promise<ServerDisk | undefined> {
  const { rows } = await connection.query<DataDirectory>(
    `select (select setting from pg_settings where name = 'data_directory') as directory,
            floor(extract(epoch from pg_postmaster_start_time()))::text as "startedAtSeconds"`,
  );
  const directory = rows[0]?.directory;
  if (directory === undefined || directory === null) return undefined;
  try {
    const [, , startedAtSeconds] = (await readFile(join(directory, 'postmaster.pid'), 'utf8')).split('\n');
    // It notes when it begins to start, and says from when on it has: less than a moment later.
    if (Math.abs(Number(startedAtSeconds) - Number(rows[0]?.startedAtSeconds)) > 2) return undefined;
    const { bsize, bavail } = await statfs(join(directory, 'base'));
    return { directory, freeBytes: bsize * bavail };
  } catch {
    // Not there, or not for us to read: as good as on another machine.
    return undefined;
  }
}
