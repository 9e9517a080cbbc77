import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildServer } from './build-server.ts';
import { buildWeb } from './build-web.ts';
import { digestOfSources } from './digest-of-sources.ts';
import { findPacked, isWhole, type Manifest, manifestOf, writeManifest } from './manifest.ts';
import type { ReleaseName } from './release-name.ts';

export const releasesFolder = join(import.meta.dirname, '..', '..', '.crossfade', 'releases');

const unfinished = '.packing-';
/** Nobody packs for so long: it was killed. */
const abandonedAfterMs = 3_600_000;

/** Packs a release into a folder named for its digest. One that is there has all of its files: it is renamed into place. */
export async function packRelease(
  name: ReleaseName,
  releases: string,
): Promise<Manifest & { readonly isNew: boolean }> {
  await mkdir(releases, { recursive: true });
  const builtFrom = await digestOfSources(name);
  const known = await findPacked(releases, name, builtFrom);
  if (known !== undefined) return { ...known, isNew: false };
  await removeAbandoned(releases);
  const folder = await mkdtemp(join(releases, unfinished));
  try {
    await Promise.all([buildServer(name, folder), buildWeb(name, folder)]);
    // What was read first and what was read last would be of two minds, under a digest of neither.
    if ((await digestOfSources(name)) !== builtFrom)
      throw new Error(`sources of ${name} were changed while it was packed: pack it again`);
    const manifest = await manifestOf(folder, name, builtFrom);
    await writeManifest(folder, manifest);
    // Temporary folders are for their maker's eyes; a release is for whoever runs it.
    await chmod(folder, 0o755);
    await putInPlace(releases, folder, manifest);
    return { ...manifest, isNew: true };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Other sources may have come to the same files, and somebody else may pack them at this moment: then theirs stay. */
async function putInPlace(releases: string, folder: string, manifest: Manifest): Promise<void> {
  const place = join(releases, manifest.digest);
  if (await isWhole(releases, manifest.digest)) {
    await writeManifest(place, manifest);
    return;
  }
  await rm(place, { recursive: true, force: true });
  try {
    await rename(folder, place);
  } catch (error) {
    if (!(await isWhole(releases, manifest.digest))) throw error;
  }
}

async function removeAbandoned(releases: string): Promise<void> {
  const left = (await readdir(releases)).filter((entry) => entry.startsWith(unfinished));
  for (const folder of left.map((entry) => join(releases, entry))) {
    const made = await stat(folder).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > abandonedAfterMs)
      await rm(folder, { recursive: true, force: true });
  }
}
