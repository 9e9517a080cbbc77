import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from './binaries.ts';
import { identify, stillRuns } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const fileIn = (place: string): string => path.join(place, 'owner.json');

/**
 * Makes this process the owner of the place, so that two runs never work on one cluster.
 * What a killed run left is taken over.
 * @throws Error that names the living owner.
 */
export async function takeOwnership(place: string): Promise<void> {
  const me = await identify(process.pid);
  if (me === undefined) throw new Error(`cannot find out when this process (${process.pid}) started`);
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    if (await createFile(place, me)) return;
    const owner = await readOwner(place);
    if (owner !== undefined && (await stillRuns(owner))) throw new Error(occupied(place, owner));
    await setAside(place, owner);
  }
  throw new Error(`${fileIn(place)} keeps coming back: other runs start here at the same moment; try again`);
}

/** Gives the place free; only its owner calls this. */
export async function releaseOwnership(place: string): Promise<void> {
  await rm(fileIn(place), { force: true });
}

/** The process that owns the place, running or not; `undefined` when nobody does or the file is unreadable. */
export async function readOwner(place: string): Promise<ProcessIdentity | undefined> {
  try {
    return parseOwner(await readFile(fileIn(place), 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    const { pid, startedAt } = JSON.parse(text);
    return Number.isInteger(pid) && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // Cut off by a crash: nobody's.
    throw error;
  }
}

async function createFile(place: string, owner: ProcessIdentity): Promise<boolean> {
  try {
    await writeFile(fileIn(place), JSON.stringify(owner), { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Renamed before it is removed: of two runs that find the same stale file only one gets it out of the way. */
async function setAside(place: string, stale: ProcessIdentity | undefined): Promise<void> {
  const aside = `${fileIn(place)}.${process.pid}`;
  try {
    await rename(fileIn(place), aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const taken = parseOwner(await readFile(aside, 'utf8'));
  if (taken !== undefined && taken.pid !== stale?.pid && (await stillRuns(taken))) {
    await rename(aside, fileIn(place)); // Not the stale one any more: a faster run has just come.
    throw new Error(occupied(place, taken));
  }
  await rm(aside, { force: true });
}

function occupied(place: string, owner: ProcessIdentity): string {
  const who = owner.pid === process.pid ? `this process (${owner.pid})` : `the process ${owner.pid}`;
  return (
    `The embedded Postgres in ${place} is in use by ${who}: wait until that run ends, stop it ` +
    `(kill ${owner.pid}), or use another directory`
  );
}
