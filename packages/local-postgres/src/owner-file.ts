import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { claimFile, readHolder } from './claim-file.ts';
import { identify, stillRuns } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const NAME = 'owner.json';
const fileIn = (place: string): string => path.join(place, NAME);

/**
 * Makes this process the owner of the place, so that two runs never work on one cluster.
 * What a killed run left is taken over.
 * @throws Error that names the living owner.
 */
export async function takeOwnership(place: string): Promise<void> {
  const me = await identify(process.pid);
  if (me === undefined) throw new Error(`cannot find out when this process (${process.pid}) started`);
  const owner = await claimFile(fileIn(place), me);
  if (owner !== undefined) throw new Error(occupied(place, owner));
  try {
    await removeUnfinished(place);
  } catch (error) {
    await releaseOwnership(place);
    throw error;
  }
}

/** Gives the place free; only its owner calls this. */
export async function releaseOwnership(place: string): Promise<void> {
  await rm(fileIn(place), { force: true });
}

/** The process that owns the place, running or not; `undefined` when nobody does or the file is unreadable. */
export async function readOwner(place: string): Promise<ProcessIdentity | undefined> {
  return await readHolder(fileIn(place));
}

/** Runs that were killed while they took the place left their files beside ours. */
async function removeUnfinished(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    if (!name.startsWith(`${NAME}.`)) continue;
    const file = path.join(place, name);
    const claimant = await readHolder(file);
    if (claimant !== undefined && !(await stillRuns(claimant))) await rm(file, { force: true });
  }
}

function occupied(place: string, owner: ProcessIdentity): string {
  const who = owner.pid === process.pid ? `this process (${owner.pid})` : `the process ${owner.pid}`;
  return (
    `The embedded Postgres in ${place} is in use by ${who}: wait until that run ends, stop it ` +
    `(kill ${owner.pid}), or use another directory`
  );
}
