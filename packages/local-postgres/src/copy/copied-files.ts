import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../binaries.ts';

/** A file of a data directory, by its path in it. Lies elsewhere where a tablespace does. */
export type CopiedFile = { name: string; source: string; sizeBytes: number };

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

/** All folders that belong into a copy of a data directory, by their paths in it. What is gone by now was dropped meanwhile. */
export async function copiedFolders(data: string): Promise<string[]> {
  const folders: string[] = [];
  const look = async (name: string): Promise<void> => {
    for (const entry of await entriesOf(path.join(data, name))) {
      const inside = path.join(name, entry.name);
      if (!entry.isDirectory() || leftEmpty.includes(inside)) continue;
      folders.push(inside);
      await look(inside);
    }
  };
  await look('');
  return folders;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return [];
  }
}

/** All files that belong into a copy of a data directory. pg_control comes last, as a backup's should. */
export async function copiedFiles(data: string): Promise<CopiedFile[]> {
  const files: CopiedFile[] = [];
  for (const entry of await readdir(data, { withFileTypes: true })) {
    if (ofTheServer.has(entry.name) || leftEmpty.includes(entry.name)) continue;
    await collect(path.join(data, entry.name), entry.name, files);
  }
  const isControl = ({ name }: CopiedFile): boolean => name === 'global/pg_control';
  return [...files.filter((file) => !isControl(file)), ...files.filter(isControl)];
}

/** Through links: a tablespace is copied into the place of the link to it. What is gone by now was dropped meanwhile. */
async function collect(source: string, name: string, into: CopiedFile[]): Promise<void> {
  try {
    const found = await stat(source);
    if (found.isFile()) into.push({ name, source, sizeBytes: found.size });
    if (!found.isDirectory()) return;
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
