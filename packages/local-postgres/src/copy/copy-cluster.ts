import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from 'pg';
import { hasCode } from '../binaries.ts';
import { withClient } from '../with-client.ts';
import { copiedContents, leftEmpty } from './copied-files.ts';
import type { RunningCluster } from './running-cluster.ts';

/** A backup begins with a checkpoint, which takes a while on a slow disk. */
const ANSWERED_WITHIN_MS = 600_000;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Settings of a copy that win over all others: it sends nothing anywhere, fetches nothing, and waits for nobody. What it was
 * copied from may have archived its log, followed publications of others, or waited for a standby.
 */
export const quietSettings: Record<string, string> = {
  archive_mode: 'off',
  archive_command: '',
  archive_library: '',
  restore_command: '',
  recovery_end_command: '',
  archive_cleanup_command: '',
  primary_conninfo: '',
  synchronous_standby_names: '',
  max_logical_replication_workers: '0',
  sync_replication_slots: 'off',
  // A tablespace of the original is a plain folder in the copy.
  allow_in_place_tablespaces: 'on',
};

/**
 * Copies the files of a running cluster into the empty folder `target`, as of one moment, while people go on writing: a backup
 * in the way that Postgres documents. A server that is started on it repeats what was written meanwhile from the log.
 * @throws Error when a tablespace was made or dropped meanwhile, or the signal's reason.
 */
export async function copyCluster(
  source: RunningCluster,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const copy = async (client: Client): Promise<void> => {
    await client.query('set default_transaction_read_only = on');
    await keepLog(client);
    const tablespaces = await listTablespaces(client);
    await client.query(`select pg_backup_start('crossfade rehearse', true)`);
    await copyFiles(source.data, target, signal);
    const { label, lastLog } = await stopBackup(client);
    if ((await listTablespaces(client)) !== tablespaces)
      throw new Error('a tablespace was made or dropped while the database was copied: try again');
    await writeFile(path.join(target, 'backup_label'), label, { mode: 0o600 });
    await copyLog(source.data, target, label, lastLog);
  };
  await withClient(source.url, copy, ANSWERED_WITHIN_MS);
}

/** A slot of this session alone, gone with it, without which the server may remove the log that the copy needs. */
async function keepLog(client: Client): Promise<void> {
  await client.query('select pg_create_physical_replication_slot($1, true, true)', [
    `crossfade_rehearse_${process.pid}`,
  ]);
}

async function listTablespaces(client: Client): Promise<string> {
  const { rows } = await client.query<{ oids: string | null }>(
    `select string_agg(oid::text, ' ' order by oid) as oids from pg_tablespace`,
  );
  return rows[0]?.oids ?? '';
}

type BackupEnd = { label: string; lastLog: string };

async function stopBackup(client: Client): Promise<BackupEnd> {
  const { rows } = await client.query<BackupEnd>(
    `select labelfile as label, pg_walfile_name(lsn) as "lastLog" from pg_backup_stop(false)`,
  );
  const [end] = rows;
  if (end === undefined) throw new Error('the server did not say where its backup ended');
  return end;
}

async function copyFiles(data: string, target: string, signal: AbortSignal | undefined): Promise<void> {
  const { folders, files } = await copiedContents(data);
  // Also those that are empty here: a server does not start without them.
  for (const name of [...folders, ...leftEmpty])
    await mkdir(path.join(target, name), { recursive: true, mode: 0o700 });
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const file of files) {
    signal?.throwIfAborted();
    await copyFile(file.source, path.join(target, file.name), buffer);
  }
}

/** The log from where the backup's checkpoint begins to where the backup ended: what the copy's first start repeats. */
async function copyLog(data: string, target: string, label: string, lastLog: string): Promise<void> {
  const firstLog = /^START WAL LOCATION: .* \(file ([0-9A-F]{24})\)/m.exec(label)?.[1];
  if (firstLog === undefined) throw new Error(`a backup's label without the place of its log:\n${label}`);
  const needed = (await readdir(path.join(data, 'pg_wal'))).filter(
    (name) =>
      name.endsWith('.history') || (/^[0-9A-F]{24}$/.test(name) && name >= firstLog && name <= lastLog),
  );
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const name of needed)
    await copyFile(path.join(data, 'pg_wal', name), path.join(target, 'pg_wal', name), buffer);
}

/**
 * To the end of the file, wherever that is by then: some grow, and some are cut off or removed while they are read, which the
 * log makes good. (Node's own copyFile goes on for ever when a file has become shorter than it was.)
 */
async function copyFile(source: string, target: string, buffer: Buffer): Promise<void> {
  const reader = await openIfThere(source);
  if (reader === undefined) return;
  try {
    const writer = await open(target, 'wx', 0o600);
    try {
      for (;;) {
        const { bytesRead } = await reader.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) break;
        await writer.writeFile(buffer.subarray(0, bytesRead));
      }
    } finally {
      await writer.close();
    }
  } finally {
    await reader.close();
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
