import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findBinaries } from './binaries.ts';
import { ensureCluster, SUPERUSER } from './cluster.ts';
import { withDatabase } from './database-url.ts';
import { ensureDatabase } from './ensure-database.ts';
import { findFreePort } from './free-port.ts';
import { startKeeper } from './keeper.ts';
import type { Keeper } from './keeper.ts';
import { clearLeftOvers, endServer, readPostmasterPid } from './left-over-server.ts';
import { releaseOwnership, takeOwnership } from './owner-file.ts';
import { choosePlace, reachableBinaries } from './reachable-place.ts';
import { waitUntilReady } from './readiness.ts';
import { chooseAccount } from './server-account.ts';
import type { ServerAccount } from './server-account.ts';
import { openServerLog, readTail } from './server-log.ts';
import { serverSettings } from './server-settings.ts';

const START_TIMEOUT_MS = 60_000;
const MAX_ATTEMPTS = 15;

export type EmbeddedPostgresOptions = {
  /** Ours alone, made when missing: holds `data/`, `password` (mode 0600), `server.log`. */
  directory: string;
  /** Told, in one line each, what takes long or is worth knowing. */
  log?: (line: string) => void;
  /** A fixed port on 127.0.0.1; without it a free one is found. */
  port?: number;
  /** Server settings that replace ours, for instance `{ fsync: 'off' }`. */
  settings?: Record<string, string>;
};

export type EmbeddedPostgres = {
  /** The maintenance database `postgres` as superuser, with the password. */
  url: string;
  port: number;
  /** The process id of the postmaster. */
  pid: number;
  databaseUrl(name: string): string;
  /** Creates the database when it is missing; returns its URL. */
  ensureDatabase(name: string): Promise<string>;
  /** Fast shutdown in good order; safe to call again. */
  stop(): Promise<void>;
};

type Running = { keeper: Keeper; port: number; url: string; pid: number };
type Start = {
  directory: string;
  data: string;
  postgres: string;
  account: ServerAccount;
  password: string;
  log: (line: string) => void;
  options: EmbeddedPostgresOptions;
};

/**
 * Starts a Postgres 18 of our own on 127.0.0.1. It ends with this process, even when that is killed with SIGKILL.
 * @throws Error when the directory is in use by a living run (names its pid), when the programs are missing, or when
 *   the server does not come up within 60 s (holds the tail of its log).
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = path.resolve(options.directory);
  const log = options.log ?? (() => undefined);
  const installed = await findBinaries();
  await makeDirectory(directory);
  const account = await chooseAccount(path.join(directory, 'data'));
  const place = await choosePlace(account, directory);
  if (place !== directory)
    log(`The database's files are in ${place}: Postgres, not run as root, cannot enter ${directory}.`);
  await takeOwnership(place);
  try {
    const { initdb, postgres } = await reachableBinaries(account, installed);
    const data = path.join(place, 'data');
    await clearLeftOvers(data, log);
    const { password } = await ensureCluster({ directory, place, account, initdb }, log);
    const running = await startServer({ directory, data, postgres, account, password, log, options });
    return handleFor(running, { data, place });
  } catch (error) {
    await releaseOwnership(place);
    throw error;
  }
}

/** Everybody may walk through what we make: the server's account has to, and `data` and `password` stay closed. */
async function makeDirectory(directory: string): Promise<void> {
  const firstMade = await mkdir(directory, { recursive: true });
  if (firstMade === undefined) return;
  for (let made = directory; made.length >= firstMade.length; made = path.dirname(made))
    await chmod(made, 0o755);
}

async function startServer(start: Start): Promise<Running> {
  for (let attempt = 1; ; attempt += 1) {
    const port = start.options.port ?? (await findFreePort());
    const result = await tryStart(start, port);
    if (typeof result !== 'string') return result;
    const portTaken = start.options.port === undefined && /could not (bind|create any TCP)/.test(result);
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
async function tryStart(start: Start, port: number): Promise<Running | string> {
  const url = `postgres://${SUPERUSER}:${start.password}@127.0.0.1:${port}/postgres`;
  const settings = await serverSettings(port, start.options.settings ?? {});
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
      {
        cause: error,
      },
    );
  }
  const pid = await readPostmasterPid(data);
  if (pid === undefined)
    throw new Error(`${data}/postmaster.pid holds no process id though the server answers`);
  void keeper.ended.then((how) => start.log(`Postgres ${pid} has ended (${how}).`));
  return { keeper, port, url, pid };
}

function handleFor(
  { keeper, port, url, pid }: Running,
  where: { data: string; place: string },
): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await keeper.stop();
    await endServer(pid, where.data); // Only left when somebody killed the keeper.
    await releaseOwnership(where.place);
  };
  return {
    url,
    port,
    pid,
    databaseUrl: (name) => withDatabase(url, name),
    ensureDatabase: async (name) => await ensureDatabase(url, name),
    stop: async () => await (stopping ??= stop()),
  };
}
