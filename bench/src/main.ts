import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { flagsBench } from './flags/flags-bench.ts';
import { importBench } from './import-bench.ts';
import { mainJobBench } from './main-job-bench.ts';
import { parleyBench } from './parley/parley-bench.ts';
import { schemaBench } from './schema/schema-bench.ts';
import { webBench } from './web/web-bench.ts';

const benches: Readonly<Record<string, Bench>> = {
  'main-job': mainJobBench,
  import: importBench,
  flags: flagsBench,
  web: webBench,
  parley: parleyBench,
  schema: schemaBench,
};
const usage = `npm run bench -- NAME [--json] [--file EXPORT.zip], where NAME is one of ${Object.keys(benches).join(', ')}`;

/** What was asked for in a way that nothing can be done about: exit code 2, and nothing was measured. */
class Misuse extends Error {}

interface Given {
  readonly name: string;
  readonly bench: Bench;
  readonly json: boolean;
  readonly file: string | undefined;
}

function readArguments(): Given {
  const { values, positionals } = parse();
  const [name = '', ...more] = positionals;
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!bench) throw new Misuse(`${usage}; not "${name}"`);
  if (more.length > 0) throw new Misuse(`${usage}; one at a time, not "${more.join(' ')}" as well`);
  const { json, file } = values;
  if (file !== undefined && !existsSync(file)) throw new Misuse(`--file ${file}: there is no such file`);
  return { name, bench, json, file };
}

function parse() {
  const options = { json: { type: 'boolean', default: false }, file: { type: 'string' } } as const;
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    throw new Misuse(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
}

async function measure({ name, bench, json, file }: Given): Promise<void> {
  const figures: Awaited<ReturnType<Bench>> = { bench: name, ...(await bench({ file })) };
  // Figures of a main job that failed are printed, and are no success.
  if (typeof figures['exitCode'] === 'number') process.exitCode = figures['exitCode'];
  if (json) console.log(JSON.stringify(figures));
  else for (const [key, value] of Object.entries(figures)) console.log(`${key.padEnd(24)} ${value}`);
}

try {
  await measure(readArguments());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (process.env['CROSSFADE_DEBUG'] && error instanceof Error) console.error(error.stack);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}
