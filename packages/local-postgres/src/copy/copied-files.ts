import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../binaries.ts';

/** A file of a data directory, by its path in it. Lies elsewhere where a tablespace does. */
type CopiedFile = { name: string; source: string; sizeBytes: number };

/** What says that a server runs, or that it is a standby or being restored: none of which holds for a copy. */
const ofTheServer = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'backup_label',
  'backup_label.old',
  // Would lead the copy into the original's tablespaces.
  'tablespace_map',
  'backup_manifest',
  'current_logfiles',
  'standby.signal',
  'recovery.signal',
]);

/** Folders whose contents a server makes anew when it starts; the log (`pg_wal`) is copied last, and only what is needed of it. */
export const leftEmpty: readonly string[] = [
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
];

/** Folders by their paths in the data directory, and files. */
type CopiedContents = { folders: string[]; files: CopiedFile[] };

/** All that belongs into a copy of a data directory. pg_control comes last, as a backup's should. */
export async function copiedContents(data: string): Promise<CopiedContents> {
  const found: CopiedContents = { folders: [], files: [] };
  for (const entry of await readdir(data)) {
    if (ofTheServer.has(entry) || leftEmpty.includes(entry)) continue;
    await collect(path.join(data, entry), entry, found);
  }
  const isControl = ({ name }: CopiedFile): boolean => name === 'global/pg_control';
  const files = [...found.files.filter((file) => !isControl(file)), ...found.files.filter(isControl)];
  return { folders: found.folders, files };
}

/** Through links: a tablespace is copied into the place of the link to it. What is gone by now was dropped meanwhile. */
async function collect(source: string, name: string, into: CopiedContents): Promise<void> {
  try {
    const found = await stat(source);
    if (found.isFile()) into.files.push({ name, source, sizeBytes: found.size });
    if (!found.isDirectory()) return;
    into.folders.push(name);
    for (const entry of await readdir(source)) {
      if (!isTemporary(entry)) await collect(path.join(source, entry), `${name}/${entry}`, into);
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function isTemporary(name: string): boolean {
  return name.startsWith('pgsql_tmp') || name.startsWith('pg_internal.init');
}
