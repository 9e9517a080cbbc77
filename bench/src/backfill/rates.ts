import type { Figures } from '../schema/compare.ts';
import type { BenchDatabase } from '../schema/bench-database.ts';
import { round } from '../schema/round.ts';
import { bySql, byTransform, singleUpdate, theSketchedWay, type WayToFill } from './ways.ts';

const rounds = 3;
const targets = { sql: 0.9, transform: 0.5 };

/**
 * How many rows a second each way fills, one after the other, each from the same table: in turns, the first of which only warms
 * up, and in another order each time, so that a machine that slows down slows all of them.
 */
export async function rates(database: BenchDatabase, rows: number): Promise<Figures> {
  const measured = new Map<WayToFill, number[]>([
    [singleUpdate, []],
    [bySql, []],
    [byTransform, []],
  ]);
  const ways = [...measured.keys()];
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const at of ways.keys()) {
      const way = ways[(at + turn) % ways.length];
      if (!way) continue;
      const rate = await rateOf(database, way, rows);
      process.stderr.write(`${way.name.padEnd(12)} ${Math.round(rate).toLocaleString('en')} rows/s\n`);
      if (turn > 0) measured.get(way)?.push(rate);
    }
  }
  const [single, sql, transform] = ways.map((way) => median(measured.get(way) ?? []));
  await reset(database, 'sealed');
  const sketched = await theSketchedWay(database, rows);
  process.stderr.write(`sketched     ${Math.round(sketched).toLocaleString('en')} rows/s\n`);
  return {
    singleRowsPerSecond: Math.round(single ?? 0),
    sqlRowsPerSecond: Math.round(sql ?? 0),
    transformRowsPerSecond: Math.round(transform ?? 0),
    sketchedRowsPerSecond: Math.round(sketched),
    ...ratio('sql', sql, single),
    ...ratio('transform', transform, single),
  };
}

function ratio(name: keyof typeof targets, rate = 0, single = 1): Figures {
  const value = rate / single;
  return { [`${name}Ratio`]: round(value, 3), [`${name}Reached`]: value >= targets[name] };
}

async function rateOf(database: BenchDatabase, way: WayToFill, rows: number): Promise<number> {
  await reset(database, way.column);
  const startedMs = performance.now();
  await way.fill(database);
  return rows / ((performance.now() - startedMs) / 1_000);
}

/** The table as it was: without the column's values, and without what writing them has left behind. */
export async function reset({ sql }: BenchDatabase, column: WayToFill['column']): Promise<void> {
  const type = column === 'words' ? 'text' : 'bytea';
  await sql.query('alter table public.messages drop column if exists words, drop column if exists sealed');
  await sql.query(`alter table public.messages add column ${column} ${type}`);
  await sql.query('vacuum full public.messages');
  await sql.query('analyze public.messages');
  await sql.query('checkpoint');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
