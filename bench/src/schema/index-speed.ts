import pg from 'pg';
import { settle, type BenchDatabase } from './bench-database.ts';
import type { Figures } from './compare.ts';
import { performStep } from './perform-step.ts';
import { round } from './round.ts';

const rounds = 7;
const target = 0.9;

/**
 * How fast an index comes beside the plain CREATE INDEX CONCURRENTLY: in turns, each first in every second one, so that a
 * machine that slows down slows both. The first round warms up. What the step does beside the statement takes as long on a
 * small table as on a large one: `indexOverheadMs` tells how long.
 */
export async function indexSpeed(database: BenchDatabase): Promise<Figures> {
  const ratios: number[] = [];
  const plainMs: number[] = [];
  const ownMs: number[] = [];
  for (let turn = 0; turn <= rounds; turn += 1) {
    const [plain, own] = await timeBoth(database, turn);
    process.stderr.write(`index, quiet: plain ${round(plain)} ms, by Crossfade ${round(own)} ms\n`);
    if (turn === 0) continue;
    plainMs.push(plain);
    ownMs.push(own);
    ratios.push(plain / own);
  }
  return {
    indexPlainMs: round(median(plainMs)),
    indexMs: round(median(ownMs)),
    indexOverheadMs: round(median(ownMs.map((own, at) => own - (plainMs[at] ?? 0)))),
    indexSpeedRatio: round(median(ratios), 3),
    indexSpeedReached: median(ratios) >= target,
  };
}

async function timeBoth(
  database: BenchDatabase,
  turn: number,
): Promise<readonly [plain: number, own: number]> {
  if (turn % 2 === 0) {
    const plain = await timed(database, buildPlainly);
    return [plain, await timed(database, build)];
  }
  const own = await timed(database, build);
  return [await timed(database, buildPlainly), own];
}

/** As psql would: on a connection of its own, which a step opens and closes too. */
async function buildPlainly({ url }: BenchDatabase): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'plain' });
  await client.connect();
  try {
    await client.query('create index concurrently by_time on public.messages (conversation_id, created_at)');
  } finally {
    await client.end();
  }
}

async function build({ url }: BenchDatabase): Promise<void> {
  const settings = { file: 'index.sql' };
  const sql =
    'create index concurrently by_time on public.messages (conversation_id, created_at);\n' +
    '-- crossfade:undo\ndrop index concurrently if exists public.by_time;';
  await performStep(url, { type: 'schema', effects: ['apply'], settings, files: { 'index.sql': sql } });
}

async function timed(
  database: BenchDatabase,
  work: (database: BenchDatabase) => Promise<void>,
): Promise<number> {
  await settle(database.sql);
  const startedMs = performance.now();
  await work(database);
  const tookMs = performance.now() - startedMs;
  await database.sql.query('drop index public.by_time');
  return tookMs;
}

const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
