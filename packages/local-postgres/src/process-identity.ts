import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import { hasCode } from './binaries.ts';

/** Names one process for good: process ids are used again, the pair of id and start is not. */
export type ProcessIdentity = { pid: number; startedAt: string };

/** The identity of a running process; `undefined` when there is none with this id. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (!isRunning(pid)) return undefined;
  const startedAt = process.platform === 'linux' ? await startTicks(pid) : await ps(pid, 'lstart=');
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether this very process still runs. */
export async function stillRuns(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.startedAt === identity.startedAt;
}

/** Whether the process is a Postgres server on this data directory (and not a stranger with a re-used id). */
export async function servesDirectory(pid: number, dataDirectory: string): Promise<boolean> {
  if ((await identify(pid)) === undefined) return false;
  if (process.platform !== 'linux') return ((await ps(pid, 'command=')) ?? '').includes(dataDirectory);
  try {
    // The postmaster changes into its data directory.
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataDirectory));
  } catch (error) {
    // Gone since, or a process of another user: ours would be readable.
    if (hasCode(error, 'ENOENT') || hasCode(error, 'EACCES') || hasCode(error, 'ESRCH')) return false;
    throw error;
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Field 22 of /proc/PID/stat, counted from after the name, which may itself hold spaces and brackets. */
async function startTicks(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', column, '-p', String(pid)]);
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch (error) {
    // So it says that there is no such process.
    if (error instanceof Error && 'code' in error && error.code === 1) return undefined;
    throw error;
  }
}
