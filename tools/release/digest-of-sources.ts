import { join } from 'node:path';
import { digestsOf, filesIn, sha256 } from './digests.ts';
import type { ReleaseName } from './release-name.ts';

const root = join(import.meta.dirname, '..', '..');

const folders = [
  'apps/parley-server/src',
  'apps/parley-server/sql',
  'apps/parley-web/src',
  'packages/flags/src',
  'packages/telemetry/src',
  'tools/release',
];
/** Versions of what comes from npm stand in the lock file. */
const files = [
  'apps/parley-web/build.ts',
  'apps/parley-web/index.html',
  'apps/parley-web/package.json',
  'packages/flags/package.json',
  'packages/telemetry/package.json',
  'package-lock.json',
];

const isOfTests = (path: string): boolean => path.endsWith('.test.ts') || path.includes('/testing/');

/** Of all that a release is made from. The same digest, the same release. */
export async function digestOfSources(name: ReleaseName): Promise<string> {
  const found = await Promise.all(folders.map(async (folder) => await filesIn(join(root, folder), root)));
  const sources = [...found.flat(), ...files].filter((path) => !isOfTests(path));
  return sha256(JSON.stringify([name, await digestsOf(root, sources)]));
}
