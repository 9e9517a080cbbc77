import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packRelease, releasesFolder } from './release/pack-release.ts';
import { releaseNameOf } from './release/release-name.ts';

/**
 * `npm run release -- batch-1 [--out FOLDER]`: packs a release of Parley into `.crossfade/releases/DIGEST`, and does nothing where
 * it was packed from the same sources before. Then `node .crossfade/releases/DIGEST/server.js serve …` runs it.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string', default: releasesFolder } },
  });
  const name = releaseNameOf(positionals);
  const { digest, isNew } = await packRelease(name, resolve(values.out));
  const folder = relative(process.cwd(), resolve(values.out, digest));
  const packed = isNew ? 'now' : 'before, from the same sources';
  process.stdout.write(`${JSON.stringify({ release: name, digest, folder, packed })}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
