import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from './binaries.ts';
import { serverProcesses, servesDirectory } from './server-processes.ts';

/** How long each way to end a server may take before the next, harsher one. */
type Patience = { fastMs: number; immediateMs: number };

/** For a server that somebody left behind: its checkpoint may take a while on a slow disk. */
const PATIENT: Patience = { fastMs: 10_000, immediateMs: 10_000 };
const AFTER_KILL_MS = 5000;

/** The process id in `postmaster.pid`; `undefined` when there is no such file or nothing sensible in it. */
export async function readPostmasterPid(dataDirectory: string): Promise<number | undefined> {
  try {
    const text = await readFile(path.join(dataDirectory, 'postmaster.pid'), 'utf8');
    const pid = Number(text.split('\n', 1)[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Clears what a killed run left in the data directory: ends its server if it still runs, and the backends of a postmaster
 * that was killed; removes a stale `postmaster.pid` (Postgres would refuse to start when another process has that id by now).
 * Call it only as the owner of the place.
 */
export async function clearLeftOvers(dataDirectory: string, log: (line: string) => void): Promise<void> {
  const pid = await readPostmasterPid(dataDirectory);
  if (pid !== undefined && servesDirectory(pid, dataDirectory)) {
    log(`Stopping the Postgres server ${pid} that an ended run left behind.`);
    await endServer(pid, dataDirectory);
  }
  const orphans = serverProcesses(dataDirectory);
  if (orphans.length > 0) {
    log(`Ending ${orphans.length} processes of a Postgres server that is gone.`);
    await endOrphans(dataDirectory);
  }
  await rm(path.join(dataDirectory, 'postmaster.pid'), { force: true });
}

/**
 * Ends a server that has no keeper any more: fast shutdown, then an immediate one, then SIGKILL. Every one of them is safe:
 * what was committed is in the log that the next start reads.
 * @throws Error when it survives all of them.
 */
export async function endServer(pid: number, dataDirectory: string, patience = PATIENT): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', patience.fastMs],
    ['SIGQUIT', patience.immediateMs],
  ] as const) {
    if (!servesDirectory(pid, dataDirectory)) break;
    sendSignal(pid, signal);
    if (await comesTrue(() => !servesDirectory(pid, dataDirectory), patienceMs)) break;
  }
  await endOrphans(dataDirectory, 100);
}

/**
 * Ends whatever still runs of a server whose postmaster is gone or does not listen.
 * @throws Error that names the processes that survive SIGKILL (they hang in the kernel, usually on a disk).
 */
async function endOrphans(dataDirectory: string, graceMs = 2000): Promise<void> {
  for (const pid of serverProcesses(dataDirectory)) sendSignal(pid, 'SIGQUIT');
  if (await comesTrue(() => serverProcesses(dataDirectory).length === 0, graceMs)) return;
  killServer(dataDirectory);
  if (await comesTrue(() => serverProcesses(dataDirectory).length === 0, AFTER_KILL_MS)) return;
  const left = serverProcesses(dataDirectory).join(' ');
  throw new Error(
    `The Postgres processes ${left} on ${dataDirectory} do not end: end them (kill -9 ${left})`,
  );
}

/** SIGKILL to the postmaster and to all that it started, without waiting. */
export function killServer(dataDirectory: string): void {
  for (const pid of serverProcesses(dataDirectory)) sendSignal(pid, 'SIGKILL');
}

async function comesTrue(isTrue: () => boolean, patienceMs: number): Promise<boolean> {
  for (const until = performance.now() + patienceMs; performance.now() < until; await delay(50))
    if (isTrue()) return true;
  return isTrue();
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
