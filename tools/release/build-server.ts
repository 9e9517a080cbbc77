import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { batchOf, type ReleaseName } from './release-name.ts';

const root = join(import.meta.dirname, '..', '..');
const server = join(root, 'apps', 'parley-server');

/**
 * Parley's server as plain JavaScript for Node, with everything in it that comes from npm: it needs no node_modules. Names stay as
 * they are, so that a stack trace can be read.
 */
export async function buildServer(name: ReleaseName, folder: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: {
      // What belongs to another release is left out: see load-release.ts.
      PARLEY_BATCH: batchOf(name),
      // What was CommonJS asks for these.
      __dirname: 'import.meta.dirname',
      __filename: 'import.meta.filename',
    },
    ssr: { noExternal: true },
    build: {
      ssr: join(server, 'src', 'main.ts'),
      outDir: join(folder, 'server'),
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      rolldownOptions: { output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
    },
  });
  await cp(join(server, 'sql'), join(folder, 'sql'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(folder, 'server.js'), "import './server/main.js';\n");
}
