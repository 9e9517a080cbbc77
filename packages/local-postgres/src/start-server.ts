import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SUPERUSER } from './cluster.ts';
import { findFreePort } from './free-port.ts';
import { startKeeper } from './keeper.ts';
import type { Keeper } from './keeper.ts';
import { readPostmasterPid } from './left-over-server.ts';
import { waitUntilReady } from './readiness.ts';
import { reasonOf } from './reason-of.ts';
import type { ServerAccount } from './server-account.ts';
import { openServerLog, readTail } from './server-log.ts';
import type { ServerLog } from './server-log.ts';
import { serverSettings } from './server-settings.ts';

const START_TIMEOUT_MS = 60_000;
const MAX_ATTEMPTS = 15;

/** A server that answers. */
export type RunningServer = { keeper: Keeper; port: number; url: string; pid: number };
/** What a server is started from; without `port` a free one is found. */
export type ServerStart = {
  directory: string;
  data: string;
  postgres: string;
  account: ServerAccount;
  password: string;
  log: (line: string) => void;
  port: number | undefined;
  settings: Record<string, string>;
  /** Aborted when the server is not wanted any more: nothing is started then, and a start under way ends at once. */
  signal?: AbortSignal;
};

/**
 * Starts the server on a complete cluster that nobody else serves.
 * @throws Error with the tail of the server's log when it does not come up within 60 s, or ten minutes where it recovers from a
 *   crash; an AbortError when nobody wants it any more.
 */
export async function startServer(start: ServerStart): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = start.port ?? (await findFreePort());
    const result = await tryStart(start, port);
    if (typeof result !== 'string') return result;
    start.signal?.throwIfAborted();
    const portTaken = start.port === undefined && /could not (bind|create any TCP)/.test(result);
    // Backends of a killed server hold its memory until they notice; they notice soon.
    const memoryHeld = result.includes('shared memory block is still in use');
    if (attempt === MAX_ATTEMPTS || !(portTaken || memoryHeld)) {
      throw new Error(
        `Postgres did not start on 127.0.0.1:${port} (${path.join(start.directory, 'server.log')}):\n${result}`,
      );
    }
    await delay(memoryHeld ? 1000 : 10, undefined, { signal: start.signal });
  }
}

/** One attempt; a string is the tail of the log of a server that ended at once. */
async function tryStart(start: ServerStart, port: number): Promise<RunningServer | string> {
  const url = `postgres://${SUPERUSER}:${start.password}@127.0.0.1:${port}/postgres`;
  const settings = await serverSettings(port, start.data, start.settings);
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const serverLog = await openServerLog(path.join(start.directory, 'server.log'));
  const { data, signal } = start;
  const keeper = await launch(start, flags, serverLog);
  const stop = (): void => void keeper.stop();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop(); // Before anybody listened.
  try {
    const outcome = await waitUntilReady({
      url,
      dataDirectory: data,
      hasEnded: keeper.hasEnded,
      timeoutMs: START_TIMEOUT_MS,
      log: start.log,
    });
    if (outcome === 'ended') return `${await readTail(serverLog)}\n(${await keeper.ended})`;
  } catch (error) {
    await keeper.stop();
    throw new Error(
      `Postgres on ${data} started but cannot be used: ${reasonOf(error)}\n${await readTail(serverLog)}`,
      { cause: error },
    );
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  const pid = await readPostmasterPid(data);
  if (pid === undefined) {
    await keeper.stop();
    throw new Error(`${data}/postmaster.pid holds no process id though the server answers`);
  }
  return { keeper, port, url, pid };
}

/** Starts the server's process, unless nobody wants it any more; the log's file is closed here then. */
async function launch(start: ServerStart, flags: string[], { handle }: ServerLog): Promise<Keeper> {
  try {
    start.signal?.throwIfAborted();
    const { account, data, postgres } = start;
    return startKeeper([postgres, '-D', data, ...flags], { account, cwd: '/', logFd: handle.fd });
  } finally {
    await handle.close();
  }
}
