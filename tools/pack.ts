import { resolve } from 'node:path';
import { packPackage } from './pack/pack-package.ts';

/** `npm run pack -- [FOLDER]`: what others install, as tarballs in FOLDER ("packed" when not given). */
const destination = resolve(process.argv[2] ?? 'packed');
for (const folder of ['packages/flags']) {
  const { name, file, bytes, files } = packPackage(folder, destination);
  console.log(`${name}: ${file}, ${Math.round(bytes / 1_024)} KB, ${files.length} files`);
}
