import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { account, freePort, servantFolder, startServant } from './servant.ts';

export interface OlderServer {
  readonly url: string;
  /** "PostgreSQL 15.12" */
  readonly version: string;
  stop(): Promise<void>;
}

const home = '/usr/lib/postgresql';
const oldest = 14;

/**
 * Starts an empty server from the machine's own Postgres, the oldest that Crossfade supports of those installed.
 * @throws Error when there is none.
 */
export async function startOlderServer(): Promise<OlderServer> {
  const programs = findPrograms();
  const folder = servantFolder('older-server');
  const data = join(folder, 'data');
  const run = (program: string, ...args: string[]) =>
    execFileSync(join(programs, program), args, {
      ...account,
      cwd: folder,
      encoding: 'utf8',
      env: { LC_ALL: 'C', TZ: 'UTC' },
    });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync');
    const port = await freePort();
    const settings = [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      `port=${port}`,
    ];
    const flags = settings.flatMap((setting) => ['-c', setting]);
    const servant = startServant([join(programs, 'postgres'), '-D', data, ...flags], folder);
    const stop = async () => {
      await servant.stop();
      remove();
    };
    try {
      await servant.answers(port);
    } catch (error) {
      await stop();
      throw error;
    }
    const version = run('postgres', '--version').replace('postgres (PostgreSQL)', 'PostgreSQL').trim();
    return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, version, stop };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Why there can be none on this machine; undefined when there can. */
export const noOlderServer: string | undefined =
  installedVersions().length > 0
    ? undefined
    : `no Postgres ${oldest} or newer under ${home} (apt-get install postgresql)`;

function findPrograms(): string {
  const [version] = installedVersions();
  if (version === undefined) throw new Error(`${noOlderServer}, and DATABASE_URL is not set`);
  return join(home, String(version), 'bin');
}

/** The oldest first. */
function installedVersions(): readonly number[] {
  return (existsSync(home) ? readdirSync(home) : [])
    .map(Number)
    .filter((version) => version >= oldest && existsSync(join(home, String(version), 'bin', 'initdb')))
    .toSorted((a, b) => a - b);
}
