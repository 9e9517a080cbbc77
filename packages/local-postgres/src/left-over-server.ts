import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from './binaries.ts';
import { isRunning, servesDirectory } from './process-identity.ts';

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
 * Clears what a killed run left in the data directory: ends its server if it still runs, removes a stale
 * `postmaster.pid` (Postgres would refuse to start when another process has that id by now).
 * Call it only as the owner of the place.
 */
export async function clearLeftOvers(dataDirectory: string, log: (line: string) => void): Promise<void> {
  const pid = await readPostmasterPid(dataDirectory);
  if (pid !== undefined && (await servesDirectory(pid, dataDirectory))) {
    log(`Stopping the Postgres server ${pid} that an ended run left behind.`);
    await endServer(pid, dataDirectory);
  }
  await rm(path.join(dataDirectory, 'postmaster.pid'), { force: true });
}

/**
 * Ends a server that has no keeper any more: fast shutdown, then an immediate one.
 * @throws Error when it survives both.
 */
export async function endServer(pid: number, dataDirectory: string): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 10_000],
  ] as const) {
    if (!(await servesDirectory(pid, dataDirectory))) return;
    sendSignal(pid, signal);
    const until = performance.now() + patienceMs;
    while (performance.now() < until) {
      if (!isRunning(pid) || !(await servesDirectory(pid, dataDirectory))) return;
      await delay(50);
    }
  }
  throw new Error(
    `The Postgres server ${pid} on ${dataDirectory} does not end: end it (kill -9 ${pid}), try again`,
  );
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
