import { access, constants, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../binaries.ts';
import { SUPERUSER } from '../cluster.ts';
import { readPostmasterPid } from '../left-over-server.ts';
import { clusterName, servesDirectory } from '../server-processes.ts';
import { withClient } from '../with-client.ts';
import { copiedContents } from './copied-files.ts';

/** A server of ours that runs, on files that this process may read. */
export type RunningCluster = {
  /** The server itself, past any pooler; the superuser of the cluster. */
  url: string;
  password: string;
  data: string;
  /** What is copied of it, by the length of its files. */
  sizeBytes: number;
};

type Server = { data: string | null; name: string | null; version: number; port: number; superuser: boolean };

/**
 * The embedded cluster that a URL leads to; `undefined` for any other server, and where its files are not to be read from here.
 * A folder of that name on this machine is believed only if this very server runs in it.
 */
export async function findRunningCluster(url: string): Promise<RunningCluster | undefined> {
  const given = new URL(url);
  if (decodeURIComponent(given.username) !== SUPERUSER) return undefined;
  const server = await askServer(url);
  const { data, version, port, superuser } = server;
  if (data === null || !superuser || Math.floor(version / 10_000) !== 18) return undefined;
  if (server.name !== clusterName(data) || !(await runsHere(data, port))) return undefined;
  const direct = new URL(`postgres://127.0.0.1:${port}`);
  direct.username = given.username;
  direct.password = given.password;
  direct.pathname = given.pathname;
  const { files } = await copiedContents(data);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { url: direct.href, password: decodeURIComponent(given.password), data, sizeBytes };
}

/** What a role may not see is null. */
async function askServer(url: string): Promise<Server> {
  return await withClient(url, async (client) => {
    const { rows } = await client.query<Server>(
      `select (select setting from pg_settings where name = 'data_directory') as data,
              (select setting from pg_settings where name = 'cluster_name') as name,
              current_setting('server_version_num')::int as version, current_setting('port')::int as port,
              (select rolsuper from pg_roles where rolname = current_user) as superuser`,
    );
    const [server] = rows;
    if (server === undefined) throw new Error('the server does not say what it is');
    return server;
  });
}

/** The fourth line of `postmaster.pid` is the port. */
async function runsHere(data: string, port: number): Promise<boolean> {
  try {
    await access(path.join(data, 'global'), constants.R_OK | constants.X_OK);
    const pid = await readPostmasterPid(data);
    const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8')).split('\n');
    return pid !== undefined && Number(lines[3]) === port && servesDirectory(pid, data);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'EACCES')) return false;
    throw error;
  }
}
