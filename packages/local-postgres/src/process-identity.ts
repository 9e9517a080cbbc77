import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hasCode } from './binaries.ts';

/** Names one process for good: process ids are used again, the pair of id and start is not. */
export type ProcessIdentity = { pid: number; startedAt: string };

/** The identity of a running process; `undefined` when there is none with this id. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  if (!isRunning(pid)) return undefined;
  const startedAt = process.platform === 'linux' ? startTicks(pid) : psColumn(pid, 'lstart=');
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether this very process still runs. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** As `identifyProcess`, for those who wait anyway. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  return identifyProcess(pid);
}

/** As `isSameProcess`, for those who wait anyway. */
export async function stillRuns(identity: ProcessIdentity): Promise<boolean> {
  return isSameProcess(identity);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Field 22 of /proc/PID/stat, counted from after the name, which may itself hold spaces and brackets. */
function startTicks(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined;
    throw error;
  }
}

/** Where there is no /proc: what `ps` says of a process; `undefined` when there is no such process. */
function psColumn(pid: number, column: string): string | undefined {
  const text = ps(['-o', column, '-p', String(pid)]).trim();
  return text === '' ? undefined : text;
}

/**
 * The output of `ps`, which has the exit code 1 when no process fits. Always in English and in UTC: dates are compared, also
 * with those that a run wrote down in another time zone.
 */
export function ps(given: readonly string[]): string {
  const { error, stdout } = spawnSync('ps', given, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    timeout: 10_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`ps ${given.join(' ')} could not be run: ${error.message}`, { cause: error });
  return stdout;
}
