import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { hasCode } from './binaries.ts';
import { KEEPER_NAME } from './keeper.ts';
import { identifyProcess, ps } from './process-identity.ts';

const UNSEEN = ['ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'EIO', 'ESTALE', 'ENOTCONN'];

/** The `cluster_name` of a data directory: every process of its server carries it in its title. */
export function clusterName(dataDirectory: string): string {
  return `crossfade-${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16)}`;
}

/** Whether the process is the postmaster on this data directory (and not a stranger with a re-used id). */
export function servesDirectory(pid: number, dataDirectory: string): boolean {
  if (identifyProcess(pid) === undefined) return false;
  const found = describe(pid);
  return isPostmaster(found.command) && belongsTo(dataDirectory)(found);
}

/**
 * The ids of all living processes of the server on this data directory, the postmaster among them. A backend outlives a
 * postmaster that was killed until it looks up from its query, and holds the shared memory all that time.
 */
export function serverProcesses(dataDirectory: string): number[] {
  return allProcesses()
    .filter(belongsTo(dataDirectory))
    .map(({ pid }) => pid)
    .filter((pid) => identifyProcess(pid) !== undefined);
}

/** `command` has one space between words, and one behind the last. */
type Described = { pid: number; command: string };

/** A folder whatever it is called: two containers may call two folders the same. `links` is 0 when it was removed. */
type Folder = { device: bigint; inode: bigint; links: bigint };

/**
 * Whether a process is of the server on the data directory: by the name that we gave the server, which anybody may read and
 * which `ps` shows as it is, whatever letters are in the path; or by its folder, where somebody else started it on our data.
 */
function belongsTo(dataDirectory: string): (found: Described) => boolean {
  const name = clusterName(dataDirectory);
  const realDirectory = orUndefined(() => realpathSync(dataDirectory));
  return ({ pid, command }) => {
    if (!isPostmaster(command) && !isChild(command)) return false;
    const isNamed =
      (command.includes('/postgres -D ') && command.includes(` cluster_name=${name} `)) ||
      command.startsWith(`postgres: ${name}: `);
    if (process.platform !== 'linux') return isNamed;
    if (isNamed) return mayWorkIn(pid, dataDirectory);
    // By the path first: looking at a folder waits for its disk, and the disk of a stranger's server may hang.
    const path = orUndefined(() => readlinkSync(`/proc/${pid}/cwd`));
    return path !== undefined && path === realDirectory && mayWorkIn(pid, dataDirectory);
  };
}

function isPostmaster(command: string): boolean {
  return command.includes('/postgres ') && !command.includes(KEEPER_NAME); // The shell that was given the same words.
}

function isChild(command: string): boolean {
  return command.startsWith('postgres: ');
}

/**
 * False for a server of another container that is called as ours, on a folder that is called as ours. A server is in the root
 * folder until it goes to its own. Where its folder was removed, or we may not look, there is nothing to compare.
 */
function mayWorkIn(pid: number, dataDirectory: string): boolean {
  const folder = folderAt(`/proc/${pid}/cwd`);
  if (folder === undefined || folder.links === 0n) return true;
  return [dataDirectory, '/'].map(folderAt).some((own) => own !== undefined && isSame(folder, own));
}

function isSame(one: Folder, other: Folder): boolean {
  return one.device === other.device && one.inode === other.inode;
}

function folderAt(file: string): Folder | undefined {
  return orUndefined(() => {
    const { dev, ino, nlink } = statSync(file, { bigint: true });
    return { device: dev, inode: ino, links: nlink };
  });
}

function allProcesses(): Described[] {
  if (process.platform !== 'linux') {
    return ps(['-axww', '-o', 'pid=,command='])
      .split('\n')
      .map((line) => /^\s*(\d+) (.*)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, pid, command]) => ({ pid: Number(pid), command: `${command} ` }));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => describe(Number(name)));
}

function describe(pid: number): Described {
  if (process.platform !== 'linux')
    return { pid, command: `${ps(['-ww', '-o', 'command=', '-p', String(pid)]).trim()} ` };
  const command = orUndefined(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
  return { pid, command: command ?? '' };
}

/** Gone since, nothing that we may look into, or on a disk that is gone. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (UNSEEN.some((code) => hasCode(error, code))) return undefined;
    throw error;
  }
}
