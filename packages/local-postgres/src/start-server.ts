import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SUPERUSER } from './cluster.ts';
import { findFreePort } from './free-port.ts';
import { startKeeper } from './keeper.ts';
import type { Keeper } from './keeper.ts';
import { readPostmasterPid } from './left-over-server.ts';
import { waitUntilReady } from './readiness.ts';
import type { ServerAccount } from './server-account.ts';
import { openServerLog, readTail } from './server-log.ts';
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
};

/**
 * Starts the server on a complete cluster that nobody else serves.
 * @throws Error with the tail of the server's log when it does not come up within 60 s.
 */
export async function startServer(start: ServerStart): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = start.port ?? (await findFreePort());
    const result = await tryStart(start, port);
    if (typeof result !== 'string') return result;
    const portTaken = start.port === undefined && /could not (bind|create any TCP)/.test(result);
    // Backends of a killed server hold its memory until they notice; they notice soon.
    const memoryHeld = result.includes('shared memory block is still in use');
    if (attempt === MAX_ATTEMPTS || !(portTaken || memoryHeld)) {
      throw new Error(
        `Postgres did not start on 127.0.0.1:${port} (${path.join(start.directory, 'server.log')}):\n${result}`,
      );
    }
    await delay(memoryHeld ? 1000 : 10);
  }
}

/** One attempt; a string is the tail of the log of a server that ended at once. */
async function tryStart(start: ServerStart, port: number): Promise<RunningServer | string> {
  const url = `postgres://${SUPERUSER}:${start.password}@127.0.0.1:${port}/postgres`;
  const settings = await serverSettings(port, start.settings);
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const serverLog = await openServerLog(path.join(start.directory, 'server.log'));
  const { account, data } = start;
  const keeper = startKeeper([start.postgres, '-D', data, ...flags], {
    account,
    cwd: '/',
    logFd: serverLog.handle.fd,
  });
  await serverLog.handle.close();
  try {
    const outcome = await waitUntilReady({
      url,
      dataDirectory: data,
      hasEnded: keeper.hasEnded,
      timeoutMs: START_TIMEOUT_MS,
    });
    if (outcome === 'ended') return `${await readTail(serverLog)}\n(${await keeper.ended})`;
  } catch (error) {
    await keeper.stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Postgres on ${data} started but cannot be used: ${reason}\n${await readTail(serverLog)}`,
      { cause: error },
    );
  }
  const pid = await readPostmasterPid(data);
  if (pid === undefined) {
    await keeper.stop();
    throw new Error(`${data}/postmaster.pid holds no process id though the server answers`);
  }
  void reportSurprise(keeper, `Postgres ${pid}`, start);
  return { keeper, port, url, pid };
}

async function reportSurprise(
  keeper: Keeper,
  server: string,
  { log, directory }: ServerStart,
): Promise<void> {
  const how = await keeper.ended;
  if (!keeper.wasStopped())
    log(`${server} has ended by itself (${how}), see ${path.join(directory, 'server.log')}.`);
}
