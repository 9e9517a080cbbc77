import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { findBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { withDatabase } from './database-url.ts';
import { ensureDatabase } from './ensure-database.ts';
import { clearLeftOvers, endServer } from './left-over-server.ts';
import { releaseOwnership, takeOwnership } from './owner-file.ts';
import { choosePlace, reachableBinaries } from './reachable-place.ts';
import { chooseAccount } from './server-account.ts';
import { startServer } from './start-server.ts';
import type { RunningServer } from './start-server.ts';

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
  databaseUrl: (name: string) => string;
  /** Creates the database when it is missing; returns its URL. */
  ensureDatabase: (name: string) => Promise<string>;
  /** Fast shutdown in good order; safe to call again. */
  stop: () => Promise<void>;
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
    const running = await startServer({
      directory,
      data,
      postgres,
      account,
      password,
      log,
      port: options.port,
      settings: options.settings ?? {},
    });
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

function handleFor(
  { keeper, port, url, pid }: RunningServer,
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
