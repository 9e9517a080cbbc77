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
if (bench) {
  const figures = { bench: name, ...(await bench({ file: values.file })) };
  if (values.json) console.log(JSON.stringify(figures));
  else for (const [key, value] of Object.entries(figures)) console.log(`${key.padEnd(24)} ${value}`);
} else {
  console.error(
    `npm run bench -- NAME [--json] [--file EXPORT.zip], where NAME is ${Object.keys(benches).join(' or ')}; not "${name}"`,
  );
  process.exitCode = 2;
}
