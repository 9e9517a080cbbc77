import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { namelessAccount, ownAccountHasName } from './account-name.ts';
import { findBinaries, hasCode } from './binaries.ts';
import { readOwner } from './owner-file.ts';
import { isSameProcess } from './process-identity.ts';
import { existingPlace } from './reachable-place.ts';
import { obstacleTo } from './server-account.ts';
import { serverProcesses } from './server-processes.ts';

/** What there is of an embedded Postgres; looking starts and changes nothing. */
export type EmbeddedState = {
  /** Holds `data/`; not the directory itself where Postgres may not go there. */
  place: string;
  /** As in PG_VERSION; `undefined` without a cluster. */
  version: string | undefined;
  /** The process that uses it now. */
  ownerPid: number | undefined;
  /** An owner is written down that is not running any more. */
  ownerIsGone: boolean;
  /** Running processes of its server. */
  serverPids: number[];
  /** Clusters whose making was cut short. */
  halfMade: string[];
};

/** `undefined` when nothing was ever started in the directory. */
export async function inspectEmbedded(directory: string): Promise<EmbeddedState | undefined> {
  const place = await existingPlace(path.resolve(directory));
  if (place === undefined) return undefined;
  const owner = await readOwner(place);
  const runs = owner !== undefined && isSameProcess(owner);
  return {
    place,
    version: await readVersion(place),
    ownerPid: runs ? owner.pid : undefined,
    ownerIsGone: owner !== undefined && !runs,
    serverPids: serverProcesses(path.join(place, 'data')),
    halfMade: (await readdir(place)).filter((name) => /^making-\w{6}$/.test(name)),
  };
}

async function readVersion(place: string): Promise<string | undefined> {
  try {
    return (await readFile(path.join(place, 'data/PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    // Root in a container, or another user: the data is there, and closed to us.
    if (hasCode(error, 'EACCES')) return 'unreadable';
    throw error;
  }
}

/**
 * Where the installed `postgres` is; it was started once to see that it can be.
 * @throws Error that says why they cannot be started, and what to do.
 */
export async function installedPostgres(): Promise<string> {
  const { postgres } = await findBinaries();
  const obstacle = await obstacleTo(undefined, postgres);
  if (obstacle !== undefined)
    throw new Error(`${postgres} cannot be started: ${obstacle}. Install again: npm ci`);
  const uid = process.getuid?.();
  if (uid !== undefined && !ownAccountHasName()) throw new Error(namelessAccount(uid));
  return postgres;
}
