import { open, rename, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { hasCode } from './binaries.ts';

const KEEP_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 4096;

/** The server's log file, and where in it the present start begins. */
export type ServerLog = { file: string; handle: FileHandle; startByte: number };

/** Opens the log for appending; one that has grown past 10 MB is set aside as `server.log.1` first. */
export async function openServerLog(file: string): Promise<ServerLog> {
  if ((await sizeOf(file)) > KEEP_BYTES) await rename(file, `${file}.1`);
  return { file, handle: await open(file, 'a', 0o600), startByte: await sizeOf(file) };
}

/** The last lines that the server wrote since this start. */
export async function readTail(log: ServerLog): Promise<string> {
  const size = await sizeOf(log.file);
  const from = Math.max(log.startByte, size - TAIL_BYTES);
  const reader = await open(log.file, 'r');
  try {
    const { buffer, bytesRead } = await reader.read(
      Buffer.alloc(Math.max(1, size - from)),
      0,
      size - from,
      from,
    );
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await reader.close();
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
