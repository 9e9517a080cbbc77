import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** SHA-256 in hex by path, sorted; paths are relative to a folder, with slashes. */
export type Digests = Readonly<Record<string, string>>;

export const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

/** Of these files. */
export async function digestsOf(folder: string, paths: readonly string[]): Promise<Digests> {
  const sorted = paths.toSorted();
  const found = await Promise.all(
    sorted.map(async (path) => [path, sha256(await readFile(join(folder, path)))] as const),
  );
  return Object.fromEntries(found);
}

/** All files in a folder or below it, relative to `base`. */
export async function filesIn(folder: string, base = folder): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(base, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
