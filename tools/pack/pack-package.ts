import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** The oldest Node that what we pack runs on; a test installs it there. */
const oldestNode = '>=20.3';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, object>>;
}

export interface PackedPackage {
  readonly name: string;
  /** Path of the tarball. */
  readonly file: string;
  readonly bytes: number;
  readonly files: readonly string[];
}

/**
 * Packs one of our packages for others: plain JavaScript with types, since Node does not strip types inside node_modules, and
 * nothing of sources and tests.
 * @param folder of the package, from the repository's root.
 * @param destination an existing folder for the tarball.
 * @throws {Error} with the compiler's words, when what would be packed does not run on the oldest Node.
 */
export function packPackage(folder: string, destination: string): PackedPackage {
  const source = join(root, folder);
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest;
  const stage = mkdtempSync(join(tmpdir(), 'crossfade-pack-'));
  try {
    compile(source, stage, Object.values(manifest.exports));
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`);
    for (const file of [join(source, 'README.md'), join(root, 'LICENSE')])
      cpSync(file, join(stage, basename(file)));
    mkdirSync(destination, { recursive: true });
    const told = execFileSync('npm', ['pack', '--json', '--pack-destination', destination], {
      cwd: stage,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return readPacked(told, destination);
  } finally {
    rmSync(stage, { recursive: true });
  }
}

function compile(source: string, stage: string, entries: readonly string[]): void {
  const config = {
    compilerOptions: {
      target: 'es2023',
      // What Node 20 does not have is refused here, and not by somebody's process.
      lib: ['es2023'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      module: 'nodenext',
      moduleResolution: 'nodenext',
      rewriteRelativeImportExtensions: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      declaration: true,
      rootDir: join(source, 'src'),
      outDir: join(stage, 'dist'),
    },
    files: entries.map((entry) => join(source, entry)),
  };
  const file = join(stage, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(config));
  run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', file]);
  rmSync(file);
}

function run(command: string, words: readonly string[]): void {
  try {
    execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${basename(command)} refused it:\n${stdout}${stderr}`, { cause: error });
  }
}

function published(manifest: Manifest): object {
  const { name, version, description, license } = manifest;
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const entries = Object.entries(manifest.exports).map(([entry, path]) => {
    const built = path.replace('./src/', './dist/').replace(/\.ts$/, '');
    return [entry, { types: `${built}.d.ts`, default: `${built}.js` }] as const;
  });
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    files: ['dist'],
    engines: { node: oldestNode },
    exports: Object.fromEntries(entries),
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
  };
}

/** Some versions of npm list what they packed, others name it. */
function readPacked(told: string, destination: string): PackedPackage {
  const found = JSON.parse(told) as unknown;
  const [packed] = Object.values(found as Record<string, NpmPacked>);
  if (!packed) throw new Error(`npm pack: expected what was packed, found ${told.slice(0, 200)}`);
  return {
    name: packed.name,
    file: join(destination, packed.filename),
    bytes: packed.size,
    files: packed.files.map(({ path }) => path),
  };
}

interface NpmPacked {
  readonly name: string;
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}
