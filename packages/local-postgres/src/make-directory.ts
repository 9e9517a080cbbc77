import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from './binaries.ts';
import { reasonOf } from './reason-of.ts';

/**
 * Makes a folder with those above it. Everybody may walk through what we make: the server's account has to. One after the
 * other, since Node's own recursive mkdir says ENOENT of a disk that is read-only, and goes on for ever under /proc.
 * @throws {Error} naming the folder that cannot be written to, and why.
 */
export async function makeDirectory(directory: string): Promise<void> {
  const parent = path.dirname(directory);
  let missing = await makeOne(directory);
  if (missing !== undefined && parent !== directory) {
    await makeDirectory(parent);
    missing = await makeOne(directory);
  }
  if (missing !== undefined) throw cannotWrite(parent, missing);
}

/** Returns the error that says that the folder above is not there. */
async function makeOne(directory: string): Promise<unknown> {
  try {
    await mkdir(directory);
    await chmod(directory, 0o755);
    return undefined;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined;
    if (hasCode(error, 'ENOENT')) return error;
    throw cannotWrite(path.dirname(directory), error);
  }
}

function cannotWrite(place: string, error: unknown): Error {
  const reason = reasonOf(error);
  return new Error(`cannot write to ${place}: ${reason}; expected a folder that this account may write to`, {
    cause: error,
  });
}
