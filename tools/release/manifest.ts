import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digests, digestsOf, filesIn, sha256 } from './digests.ts';
import type { ReleaseName } from './release-name.ts';

const fileName = 'release.json';

/** `release.json`. */
export interface Manifest {
  readonly name: ReleaseName;
  /** Of name and files: what the folder is called. */
  readonly digest: string;
  /** The digest of the sources it was last packed from; others may come to the same files. */
  readonly builtFrom: string;
  readonly files: Digests;
}

export async function manifestOf(folder: string, name: ReleaseName, builtFrom: string): Promise<Manifest> {
  const paths = (await filesIn(folder)).filter((path) => path !== fileName);
  const files = await digestsOf(folder, paths);
  return { name, digest: sha256(JSON.stringify([name, files])), builtFrom, files };
}

/** At once: whoever reads meanwhile finds the old one or the new one. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const fresh = join(folder, `${fileName}.${process.pid}`);
  await writeFile(fresh, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(fresh, join(folder, fileName));
}

/** What was packed from these sources before and is there still, with all of its files as they were. */
export async function findPacked(
  releases: string,
  name: ReleaseName,
  builtFrom: string,
): Promise<Manifest | undefined> {
  for (const digest of await readdir(releases)) {
    const manifest = await readManifest(join(releases, digest));
    if (manifest?.name === name && manifest.builtFrom === builtFrom && (await isWhole(releases, digest)))
      return manifest;
  }
  return undefined;
}

/** Whether a release of this digest is there, and nothing of it was changed or taken away. */
export async function isWhole(releases: string, digest: string): Promise<boolean> {
  const folder = join(releases, digest);
  const told = await readManifest(folder);
  if (told === undefined) return false;
  const found = await manifestOf(folder, told.name, told.builtFrom);
  return found.digest === digest;
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, fileName), 'utf8')) as Manifest;
  } catch {
    // Something else, or what was left of it.
    return undefined;
  }
}
