import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { batchOf, type ReleaseName } from './release-name.ts';

const builder = join(import.meta.dirname, '..', '..', 'apps', 'parley-web', 'build.ts');

/** Parley's page, for the server's `--web`. */
export async function buildWeb(name: ReleaseName, folder: string): Promise<void> {
  const out = join(folder, 'web');
  await promisify(execFile)(process.execPath, [builder, '--out', out, '--batch', batchOf(name)]);
  // By this it knows that it need not be built again; it says nothing of what was built.
  await rm(join(out, 'built-from.txt'));
}
