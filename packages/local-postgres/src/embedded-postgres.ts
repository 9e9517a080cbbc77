import { rm } from 'node:fs/promises';
import path from 'node:path';
import { findBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { quietSettings } from './copy/copy-cluster.ts';
import { assertRoom } from './copy/room-for.ts';
import type { RunningCluster } from './copy/running-cluster.ts';
import { withDatabase } from './database-url.ts';
import { ensureDatabase } from './ensure-database.ts';
import { KeptServer } from './keep-up.ts';
import type { KeepUp } from './keep-up.ts';
import { clearLeftOvers } from './left-over-server.ts';
import { makeDirectory } from './make-directory.ts';
import { releaseOwnership, takeOwnership } from './owner-file.ts';
import { choosePlace, existingPlace, reachableBinaries } from './reachable-place.ts';
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
  /** Start the server again when it dies (killed, out of memory); without it an end is only logged. */
  keepUp?: KeepUp;
  /** In an empty directory: a copy of this cluster as of now, in place of a new one. It sends nothing and fetches nothing. */
  copyOf?: RunningCluster;
  /** So much free disk there must be where its files will lie. */
  roomBytes?: number;
  /** Aborted when a copy that is under way is not wanted any more. */
  signal?: AbortSignal;
};

export type EmbeddedPostgres = {
  /** The maintenance database `postgres` as superuser, with the password. */
  url: string;
  port: number;
  /** The process id of the present postmaster. */
  readonly pid: number;
  databaseUrl: (name: string) => string;
  /** Creates the database when it is missing; returns its URL. */
  ensureDatabase: (name: string) => Promise<string>;
  /** Shutdown in good order, or by force when that takes longer than 1.6 s; safe to call again. */
  stop: () => Promise<void>;
  /** Ends the server at once, without waiting: for a process that itself ends at once. Nothing committed is lost. */
  kill: () => void;
};

/**
 * Starts a Postgres 18 of our own on 127.0.0.1. It ends with this process, even when that is killed with SIGKILL.
 * @throws Error when the directory is in use by a living run (names its pid), when the programs are missing, or when
 *   the server does not come up within 60 s, or ten minutes where it recovers from a crash (holds the tail of its log).
 * @throws NoRoomError when there is less free disk than `roomBytes`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = path.resolve(options.directory);
  const log = options.log ?? (() => undefined);
  const installed = await findBinaries();
  await makeDirectory(directory);
  const account = await chooseAccount(path.join(directory, 'data'));
  const place = await choosePlace(account, directory);
  if (place !== directory)
    log(
      `The database's files are in ${place}: Postgres, not run as root, cannot enter ${directory}. ` +
        'Whoever cleans that folder removes them; in a clone that other users may enter they stay in the clone.',
    );
  await takeOwnership(place);
  try {
    if (options.roomBytes !== undefined) await assertRoom(place, options.roomBytes);
    const { initdb, postgres } = await reachableBinaries(account, installed);
    const data = path.join(place, 'data');
    await clearLeftOvers(data, log);
    const { port, signal } = options;
    const copyOf = options.copyOf && { cluster: options.copyOf, signal };
    const { password } = await ensureCluster({ directory, place, account, initdb, copyOf }, log);
    const settings = { ...options.settings, ...(copyOf ? quietSettings : {}) };
    const start = { directory, data, postgres, account, password, log, port, settings };
    const running = await startServer(start);
    return handleFor(new KeptServer(start, running, options.keepUp), running, place);
  } catch (error) {
    await releaseOwnership(place);
    throw error;
  }
}

/**
 * Removes an embedded Postgres with all its data, wherever that lies.
 * @throws Error when it is in use by a living run (names its pid).
 */
export async function removeEmbeddedPostgres(directory: string): Promise<void> {
  const place = await existingPlace(path.resolve(directory));
  if (place === undefined) return;
  await takeOwnership(place);
  try {
    await clearLeftOvers(path.join(place, 'data'), () => undefined);
    await rm(path.join(place, 'data'), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } finally {
    await releaseOwnership(place);
  }
  for (const folder of [place, path.resolve(directory)]) await rm(folder, { recursive: true, force: true });
}

function handleFor(server: KeptServer, { port, url }: RunningServer, place: string): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await server.stop();
    await releaseOwnership(place);
  };
  return {
    url,
    port,
    get pid() {
      return server.pid;
    },
    databaseUrl: (name) => withDatabase(url, name),
    ensureDatabase: async (name) => await ensureDatabase(url, name),
    stop: async () => await (stopping ??= stop()),
    kill: () => server.kill(),
  };
}
