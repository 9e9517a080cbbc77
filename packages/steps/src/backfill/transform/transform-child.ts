import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import type {
  Change,
  SourceRow,
  StoredRow,
  TransformAnswer,
  TransformModule,
  TransformRequest,
} from './transform-module.ts';

/** The other end of `TransformProcess`, which may kill it at any moment. */

const [url = '', ...written] = process.argv.slice(2);
const tell = (answer: TransformAnswer): void => void process.send?.(answer);
// Whoever asked is gone: nobody waits for an answer any more. A transform that does not come to an end hears nothing of it,
// and so a thread beside it looks.
process.on('disconnect', () => process.exit(0));
const watch = `const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 500);`;
const watcher = new Worker(watch, { eval: true, env: {}, resourceLimits: { maxOldGenerationSizeMb: 16 } });
// It cannot begin any more once a transform keeps this thread busy.
await once(watcher, 'online');
watcher.unref();

try {
  const module = theModule(await import(url));
  process.on('message', (request: TransformRequest) => void carryOut(module, request));
  tell({ answer: 'ready', hasInverse: module.inverse !== undefined });
} catch (error) {
  tell({ answer: 'unusable', reason: reasonOf(error) });
}

function theModule(found: object): TransformModule {
  if (!('transform' in found) || typeof found.transform !== 'function') {
    throw new Error('it exports no function transform(rows)');
  }
  if ('inverse' in found && typeof found.inverse !== 'function') {
    throw new Error('what it exports as inverse is not a function');
  }
  return found as unknown as TransformModule;
}

async function carryOut(module: TransformModule, request: TransformRequest): Promise<void> {
  const { id } = request;
  try {
    if (request.ask === 'check') {
      tell({ answer: 'checked', id, differing: await differingOf(module, request.rows) });
      return;
    }
    const { rows } = request;
    const changes: unknown = await module.transform(rows);
    const checked = checkedChanges(rows, changes);
    if (module.inverse) await checkInverse(module.inverse, rows, checked);
    tell({ answer: 'changes', id, changes: checked });
  } catch (error) {
    tell({ answer: 'failed', id, reason: reasonOf(error) });
  }
}

async function differingOf(
  { inverse }: TransformModule,
  rows: readonly StoredRow[],
): Promise<readonly string[]> {
  if (!inverse) throw new Error('it exports no inverse to check with');
  const given = rows.map(({ key, stored }) => ({ ...stored, key }));
  const back = await broughtBack(inverse, given);
  return rows
    .filter(({ columns }, at) => !isDeepStrictEqual(plain(back[at]), plain(columns)))
    .map(({ key }) => key);
}

function checkedChanges(rows: readonly SourceRow[], changes: unknown): readonly Change[] {
  if (!Array.isArray(changes)) throw new Error(`transform returned ${kindOf(changes)}: expected an array`);
  if (changes.length !== rows.length) {
    throw new Error(`transform returned ${changes.length} changes for ${rows.length} rows: expected as many`);
  }
  return changes.map((change: unknown) => {
    if (typeof change !== 'object' || change === null) {
      throw new Error(`transform returned ${kindOf(change)} for a row: expected an object`);
    }
    const names = Object.keys(change);
    const missing = written.filter((name) => !names.includes(name));
    const more = names.filter((name) => !written.includes(name));
    if (missing.length > 0) throw new Error(`transform left out the column ${missing.join(', ')}`);
    if (more.length > 0)
      throw new Error(`transform changed ${more.join(', ')}, which the plan does not say it writes`);
    return Object.fromEntries(Object.entries(change));
  });
}

async function checkInverse(
  inverse: NonNullable<TransformModule['inverse']>,
  rows: readonly SourceRow[],
  changes: readonly Change[],
): Promise<void> {
  const given = changes.map((change, at) => ({ ...change, key: rows[at]?.key ?? '' }));
  const back = await broughtBack(inverse, given);
  for (const [at, { columns }] of rows.entries()) {
    if (!isDeepStrictEqual(plain(back[at]), plain(columns))) {
      throw new Error('what inverse brings back is not what was read');
    }
  }
}

async function broughtBack(
  inverse: NonNullable<TransformModule['inverse']>,
  given: readonly (Change & { readonly key: string })[],
): Promise<readonly unknown[]> {
  const back: unknown = await inverse(given);
  if (!Array.isArray(back) || back.length !== given.length) {
    throw new Error('inverse did not return as many rows as it was given');
  }
  return back;
}

/** Bytes are equal whether a Buffer holds them or an array: what kind of array crossed over is of no interest. */
function plain(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (value as unknown),
    ]),
  );
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
