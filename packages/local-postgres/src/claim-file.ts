import { createHash, randomUUID } from 'node:crypto';
import { constants, copyFile, link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hasCode } from './binaries.ts';
import { stillRuns } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const MOST_ATTEMPTS = 5;
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Writes a process into the file as its holder. However many ask at the same moment, no two living processes hold it; what a
 * process that is gone has left there is taken over, and so is what nobody can read.
 * @returns `undefined` when it is held by `me` now, else the living process that holds it or is just taking it over.
 * @throws Error when the file keeps changing.
 */
export async function claimFile(file: string, me: ProcessIdentity): Promise<ProcessIdentity | undefined> {
  const own = `${file}.${randomUUID()}`;
  try {
    // Whole before it has the name that counts: nobody ever reads a claim of which a part is still missing.
    await writeFile(own, JSON.stringify(me), { flag: 'wx', mode: 0o644 });
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      if (await linkUnlessThere(own, file)) return undefined;
      const text = await readText(file);
      if (text === undefined) continue; // Given free since.
      const holder = parseIdentity(text);
      if (holder !== undefined && (await stillRuns(holder))) return holder;
      const outcome = await takeOver(file, text, own, me);
      if (outcome !== 'changed') return outcome === 'ours' ? undefined : outcome;
    }
  } finally {
    await rm(own, { force: true });
  }
  throw new Error(`${file} keeps coming back: other runs start here at the same moment; try again`);
}

/** The process that is written into the file, running or not; `undefined` when there is none. */
export async function readHolder(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readText(file);
  return text === undefined ? undefined : parseIdentity(text);
}

/**
 * Puts `own` in the place of what a process that is gone has left. Of those who want to, only the holder of a second file may,
 * which is named for the text that is to be replaced: nobody replaces what somebody else has just put there.
 * @returns the living process that is at it, `changed` when the text is not there any more.
 */
async function takeOver(
  file: string,
  staleText: string,
  own: string,
  me: ProcessIdentity,
): Promise<ProcessIdentity | 'ours' | 'changed'> {
  const right = `${file}.after-${createHash('sha256').update(staleText).digest('hex').slice(0, 16)}`;
  const rival = await claimFile(right, me);
  if (rival !== undefined) return (await readText(file)) === staleText ? rival : 'changed';
  try {
    if ((await readText(file)) !== staleText) return 'changed';
    await rename(own, file);
    return 'ours';
  } finally {
    await rm(right, { force: true });
  }
}

async function linkUnlessThere(existing: string, name: string): Promise<boolean> {
  try {
    await link(existing, name);
    return true;
  } catch (error) {
    if (NO_LINKS.some((code) => hasCode(error, code))) return await copyUnlessThere(existing, name);
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** For disks that know no links: the claim is whole only a moment after it has its name. */
async function copyUnlessThere(existing: string, name: string): Promise<boolean> {
  try {
    await copyFile(existing, name, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseIdentity(text: string): ProcessIdentity | undefined {
  const content = parseJson(text);
  if (typeof content !== 'object' || content === null || !('pid' in content && 'startedAt' in content))
    return undefined;
  const { pid, startedAt } = content;
  if (typeof pid !== 'number' || !Number.isInteger(pid) || typeof startedAt !== 'string') return undefined;
  return { pid, startedAt };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Cut off by a crash of the machine: nobody's.
  }
}
