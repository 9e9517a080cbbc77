import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** Somebody who has nothing of ours: an empty project, and the Node that the machine has. */
export interface Stranger {
  readonly folder: string;
  /** By `node --version`. */
  readonly node: string;
  /** Installs packages as others do: tarballs by their path, others in the versions that we use ourselves. */
  install(...packages: readonly string[]): Promise<void>;
  /** Writes files into a folder of the project and compiles what is TypeScript, with the types that were installed. */
  compile(name: string, files: Readonly<Record<string, string>>, options?: object): Promise<void>;
  /** Runs a compiled file with the machine's Node; returns what it printed. */
  run(file: string, env: Readonly<Record<string, string>>): Promise<string>;
  remove(): void;
}

/** A project in an empty folder. */
export async function aStranger(): Promise<Stranger> {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-stranger-'));
  const env = { ...process.env, PATH: pathOfTheMachine() };
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const { stdout: node } = await run('node', ['--version'], { env });
  return {
    folder,
    node: node.trim(),
    async install(...packages) {
      const wanted = packages.map((name) => (name.endsWith('.tgz') ? name : `${name}@${ourVersionOf(name)}`));
      const words = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...wanted];
      await run('npm', words, { cwd: folder, env });
    },
    async compile(name, files, options = {}) {
      const place = join(folder, name);
      mkdirSync(place, { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text);
      const compilerOptions = {
        target: 'es2022',
        module: 'nodenext',
        moduleResolution: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        types: ['node'],
        outDir: 'out',
        rootDir: '.',
        ...options,
      };
      const project = join(place, 'tsconfig.json');
      writeFileSync(project, JSON.stringify({ compilerOptions }));
      await run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', project]).catch((error: unknown) => {
        const { stdout = '' } = error as { readonly stdout?: string };
        throw new Error(`what the guide says does not compile:\n${stdout}`, { cause: error });
      });
    },
    async run(file, given) {
      const { stdout } = await run('node', [join(folder, file)], { cwd: folder, env: { ...env, ...given } });
      return stdout;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Without our own Node, which npm puts first: others have the machine's. */
function pathOfTheMachine(): string {
  const places = (process.env['PATH'] ?? '').split(delimiter);
  const foreign = places.filter((place) => !place.includes('node_modules'));
  if (foreign.some((place) => existsSync(join(place, 'node')))) return foreign.join(delimiter);
  // Where the machine has none, there is ours.
  return [dirname(process.execPath), ...foreign].join(delimiter);
}

function ourVersionOf(name: string): string {
  const manifest = join(root, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
