import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { importBench } from './import-bench.ts';
import { mainJobBench } from './main-job-bench.ts';

const benches: Readonly<Record<string, Bench>> = { 'main-job': mainJobBench, import: importBench };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, file: { type: 'string' } },
});
const [name = ''] = positionals;
const bench = benches[name];
if (bench && values.file !== undefined && !existsSync(values.file)) {
  console.error(`--file ${values.file}: there is no such file`);
  process.exitCode = 2;
} else if (bench) {
  const figures: Awaited<ReturnType<Bench>> = { bench: name, ...(await bench({ file: values.file })) };
  // Figures of a main job that failed are printed, and are no success.
  if (typeof figures['exitCode'] === 'number') process.exitCode = figures['exitCode'];
  if (values.json) console.log(JSON.stringify(figures));
  else for (const [key, value] of Object.entries(figures)) console.log(`${key.padEnd(24)} ${value}`);
} else {
  console.error(
    `npm run bench -- NAME [--json] [--file EXPORT.zip], where NAME is ${Object.keys(benches).join(' or ')}; not "${name}"`,
  );
  process.exitCode = 2;
}
