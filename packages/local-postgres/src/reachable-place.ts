import { createHash } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { binariesIn, hasCode } from './binaries.ts';
import { exists } from './exists.ts';
import type { Binaries } from './binaries.ts';
import { reasonOf } from './reason-of.ts';
import { canWalkTo, obstacleTo } from './server-account.ts';
import type { ServerAccount } from './server-account.ts';

/**
 * The folder that holds `data/`: the directory itself, or, when the server's account cannot walk there (a clone under
 * a folder of mode 0700, as root), one in a temporary folder. The choice is remembered in `directory/place.json`.
 */
export async function choosePlace(
  account: ServerAccount,
  directory: string,
  parents: readonly string[] = dataParents(),
): Promise<string> {
  const remembered = await readRemembered(path.join(directory, 'place.json'));
  if (remembered !== undefined) {
    await makeOwnFolder(remembered);
    return remembered;
  }
  if (await canWalkTo(account, directory)) return directory;
  const place = await makeReachableFolder(account, `crossfade-postgres-${shortHash(directory)}`, parents);
  await writeFile(path.join(directory, 'place.json'), `${JSON.stringify({ place })}\n`);
  return place;
}

/** The folder that holds `data/` of an embedded Postgres that was started before; `undefined` when there is none. */
export async function existingPlace(directory: string): Promise<string | undefined> {
  const place = (await readRemembered(path.join(directory, 'place.json'))) ?? directory;
  return (await exists(place)) ? place : undefined;
}

async function readRemembered(file: string): Promise<string | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (
      typeof content === 'object' &&
      content !== null &&
      'place' in content &&
      typeof content.place === 'string'
    ) {
      return content.place;
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(
    `${file}: expected {"place": "<folder of the database's data>"}; remove the file to begin anew`,
  );
}

/** The programs where the account can start them: as installed, or copied into the temporary folder. */
export async function reachableBinaries(account: ServerAccount, installed: Binaries): Promise<Binaries> {
  const obstacle = await obstacleTo(account, installed.postgres);
  if (obstacle === undefined) return installed;
  // What not even we can start is not out of reach but broken, or made for another system.
  const broken = account === undefined ? obstacle : await obstacleTo(undefined, installed.postgres);
  if (broken !== undefined) throw new Error(cannotStart(installed.postgres, broken));

  const { mtimeMs, size } = await stat(installed.postgres);
  const name = `crossfade-postgres-programs-${shortHash(`${installed.root} ${mtimeMs} ${size}`)}`;
  const copy = binariesIn(path.join(await makeReachableFolder(account, name, programParents()), 'native'));
  if (!(await isWholeCopy(installed.root, copy.root))) await copyPrograms(installed.root, copy.root);
  const remaining = await obstacleTo(account, copy.postgres);
  if (remaining === undefined) return copy;
  throw new Error(cannotStart(copy.postgres, remaining));
}

function cannotStart(program: string, obstacle: string): string {
  return (
    `Postgres cannot be started from ${program}: ${obstacle}\n` +
    'Install again (npm ci), put the clone where other users may read and execute, or set DATABASE_URL.'
  );
}

/** Archives to link against are not needed to run. */
const isNeeded = (file: string): boolean => !file.endsWith('.a') && path.basename(file) !== 'pkgconfig';

async function copyPrograms(source: string, target: string): Promise<void> {
  const half = `${target}.${process.pid}`;
  await rm(half, { recursive: true, force: true });
  await cp(source, half, { recursive: true, verbatimSymlinks: true, filter: isNeeded });
  await rm(target, { recursive: true, force: true });
  await rename(half, target);
}

/** Cleaners of temporary folders take single files away: a copy counts only when every file of it is there. */
async function isWholeCopy(source: string, target: string): Promise<boolean> {
  const list = async (root: string): Promise<string[]> =>
    (await readdir(root, { recursive: true })).filter(isNeeded);
  try {
    const present = new Set(await list(target));
    return (await list(source)).every(
      (file) => present.has(file) || path.dirname(file).endsWith('pkgconfig'),
    );
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Whoever sets TMPDIR means it; otherwise data goes where it outlives a restart of the machine. */
const dataParents = (): string[] => [
  ...(process.env['TMPDIR'] ? [process.env['TMPDIR']] : []),
  '/var/tmp',
  os.tmpdir(),
  '/tmp',
];
const programParents = (): string[] => [os.tmpdir(), '/var/tmp', '/tmp'];

async function makeReachableFolder(
  account: ServerAccount,
  name: string,
  parents: readonly string[],
): Promise<string> {
  const tried: string[] = [];
  for (const parent of new Set(parents)) {
    if (!(await canWalkTo(account, parent))) {
      tried.push(`${parent} (cannot be entered)`);
      continue;
    }
    const folder = path.join(parent, name);
    try {
      await makeOwnFolder(folder);
      return folder;
    } catch (error) {
      if (!hasCode(error, 'EACCES') && !hasCode(error, 'EROFS') && !hasCode(error, 'ENOSPC')) throw error;
      tried.push(`${parent} (${reasonOf(error)})`);
    }
  }
  throw new Error(
    `There is no folder for the files of the embedded Postgres, which runs as the user ` +
      `${account?.uid ?? process.getuid?.()}. Tried: ${tried.join(', ')}. ` +
      'Set TMPDIR to a folder that every user may enter and write to, or set DATABASE_URL.',
  );
}

/** In a folder that everybody may write to, a folder of the expected name may be somebody else's trap. */
async function makeOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${folder} is not a folder of our own (it belongs to the user ${found.uid}): remove it`);
  }
  await chmod(folder, 0o755); // The umask of the caller does not count here.
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
