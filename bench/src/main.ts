import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench, BenchOptions } from './bench.ts';
import { backfillBench } from './backfill/backfill-bench.ts';
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
  backfill: backfillBench,
};
const usage = `npm run bench -- NAME [--json] [--file EXPORT.zip] [--rows N] [--seconds N], where NAME is one of ${Object.keys(benches).join(', ')}`;

/** What was asked for in a way that nothing can be done about: exit code 2, and nothing was measured. */
class Misuse extends Error {}

interface Given {
  readonly name: string;
  readonly bench: Bench;
  readonly json: boolean;
  readonly options: BenchOptions;
}

function readArguments(): Given {
  const { values, positionals } = parse();
  const [name = '', ...more] = positionals;
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (!bench) throw new Misuse(`${usage}; not "${name}"`);
  if (more.length > 0) throw new Misuse(`${usage}; one at a time, not "${more.join(' ')}" as well`);
  const { json, file } = values;
  if (file !== undefined && !existsSync(file)) throw new Misuse(`--file ${file}: there is no such file`);
  const rows = numberOf('--rows', values.rows);
  if (rows !== undefined && !Number.isInteger(rows))
    throw new Misuse(`--rows ${rows}: expected a whole number`);
  return { name, bench, json, options: { file, rows, seconds: numberOf('--seconds', values.seconds) } };
}

function numberOf(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (!(value > 0 && value < Infinity)) throw new Misuse(`${option} ${given}: expected a number above 0`);
  return value;
}

function parse() {
  const text = { type: 'string' } as const;
  const options = {
    json: { type: 'boolean', default: false },
    file: text,
    rows: text,
    seconds: text,
  } as const;
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    throw new Misuse(`${error instanceof Error ? error.message : String(error)}\n${usage}`, { cause: error });
  }
}

async function measure({ name, bench, json, options }: Given): Promise<void> {
  const figures: Awaited<ReturnType<Bench>> = { bench: name, ...(await bench(options)) };
  // Figures of a main job that failed are printed, and are no success.
  if (typeof figures['exitCode'] === 'number') process.exitCode = figures['exitCode'];
  if (json) console.log(JSON.stringify(figures));
  else printInLines(figures);
}

function printInLines(figures: Readonly<Record<string, unknown>>): void {
  const width = Math.max(24, ...Object.keys(figures).map((key) => key.length));
  for (const [key, value] of Object.entries(figures)) console.log(`${key.padEnd(width)} ${String(value)}`);
}

try {
  await measure(readArguments());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (process.env['CROSSFADE_DEBUG'] && error instanceof Error) console.error(error.stack);
  process.exitCode = error instanceof Misuse ? 2 : 1;
}
