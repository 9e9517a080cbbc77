import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export const REPOSITORY = path.join(import.meta.dirname, '..', '..', '..', '..');
const TOOL = path.join(REPOSITORY, 'tools', 'release.ts');

export type ReleaseName = 'batch-1' | 'batch-2';

export type Packed = { digest: string; folder: string; packed: string };

/** As `npm run release` starts it. @param out a folder of the test's own, where it is not to be the repository's */
export function startPacking(name: ReleaseName, out?: string): ChildProcess {
  return spawn(process.execPath, [TOOL, name, ...(out === undefined ? [] : ['--out', out])], {
    cwd: REPOSITORY,
    // Vitest's own word would get into what is built.
    env: { ...process.env, NODE_ENV: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A release as a folder that can be run. Packed once for all tests, as long as the sources stay as they are. */
export async function pack(name: ReleaseName, out?: string): Promise<Packed> {
  const child = startPacking(name, out);
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (text: Buffer) => (said.stdout += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (said.stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`packing ${name} ended with ${code}: ${said.stderr}`);
  const packed = JSON.parse(said.stdout) as Packed;
  return { ...packed, folder: path.resolve(REPOSITORY, packed.folder) };
}

/** All that a release's server, or its page, may run, as one text. */
export async function codeOf({ folder }: Packed, part: 'server' | 'web'): Promise<string> {
  const root = path.join(folder, part);
  const files = (await readdir(root, { recursive: true })).filter((file) => /\.(?:js|html)$/.test(file));
  return (await Promise.all(files.map(async (file) => await readFile(path.join(root, file), 'utf8')))).join(
    '\n',
  );
}
