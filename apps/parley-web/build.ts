import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const here = import.meta.dirname;
const sources = ['index.html', 'src', 'build.ts', 'package.json', '../../package-lock.json'];
const stampFile = 'built-from.txt';
const compressible = /\.(?:js|css|html|svg|json)$/;

/**
 * node apps/parley-web/build.ts [--out DIR] [--batch 1|2]: builds the web app for parley-server's `--web DIR`, and does nothing where
 * it has been built from the same sources before. Whoever serves the old one meanwhile never meets a half of the new one.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: join(here, 'dist') },
      batch: { type: 'string', default: '2' },
    },
  });
  const out = resolve(values.out);
  const batch = batchOf(values.batch);
  const stamp = `${await digestOf(sources.map((name) => join(here, name)))} batch ${batch}`;
  if ((await stampIn(out)) !== stamp) await buildInto(out, stamp, batch);
  process.stdout.write(`${JSON.stringify({ web: out })}\n`);
}

function batchOf(text: string): '1' | '2' {
  if (text === '1' || text === '2') return text;
  throw new Error(`--batch ${text}: expected 1 or 2`);
}

async function buildInto(out: string, stamp: string, batch: '1' | '2'): Promise<void> {
  // Whoever builds from within a test has another word here, and would leave React's slow kind for everybody.
  process.env['NODE_ENV'] = 'production';
  const fresh = `${out}.${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  try {
    await build({
      root: here,
      // Nothing is written beside the sources, which may not be ours to write to.
      configFile: false,
      logLevel: 'warn',
      plugins: [react()],
      // What belongs to another release is left out: see src/this-release.ts.
      define: { PARLEY_BATCH: batch },
      // The server puts a fresh one into the page at every request.
      html: { cspNonce: '__CSP_NONCE__' },
      build: {
        outDir: fresh,
        emptyOutDir: true,
        target: 'es2023',
        // Pictures inside of styles would need "data:" in the policy for more than pictures.
        assetsInlineLimit: 0,
        chunkSizeWarningLimit: 700,
        reportCompressedSize: false,
      },
    });
    await compressAll(fresh);
    await writeFile(join(fresh, stampFile), stamp);
    await replaceFolder(out, fresh);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

const mostAttempts = 5;

/** Two renames: for a moment there is nothing, never a mixture. Where two build at once, the later one's stays. */
async function replaceFolder(out: string, fresh: string): Promise<void> {
  await mkdir(join(out, '..'), { recursive: true });
  const old = `${out}.old.${process.pid}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (existsSync(out)) await rename(out, old);
      await rename(fresh, out);
      break;
    } catch (error) {
      if (attempt === mostAttempts) throw error;
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  }
}

async function stampIn(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, stampFile), 'utf8');
  } catch {
    // Nothing was built there yet, or not to its end.
    return undefined;
  }
}

async function digestOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of (await filesIn(path)).toSorted()) {
      hash.update(`${relative(here, file)}\0`).update(await readFile(file));
    }
  }
  return hash.digest('hex');
}

/** The file itself, or all files of a folder. */
async function filesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
}

/** Compressed once as well as it gets, instead of at every request. */
async function compressAll(folder: string): Promise<void> {
  const files = (await filesIn(folder)).filter((file) => compressible.test(file));
  await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(file);
      const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
      await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, { params }));
      await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
    }),
  );
}

await main();
