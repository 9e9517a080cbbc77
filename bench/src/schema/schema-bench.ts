import type { Bench } from '../bench.ts';
import { withDatabase, type BenchDatabase } from './bench-database.ts';
import { feltWhile, type Felt, type Window } from './felt-while.ts';
import { performStep } from './perform-step.ts';

const lockTimeoutMs = 100;
const targets = { longestMs: lockTimeoutMs + 50, stalledPercent: 0.5, indexSpeed: 0.9 };
const indexRounds = 3;

/** Whole, or as small as a test needs it: CROSSFADE_BENCH_ROWS and CROSSFADE_BENCH_WINDOW_MS. */
const rows = Number(process.env['CROSSFADE_BENCH_ROWS'] ?? 1_000_000);
const windowMs = Number(process.env['CROSSFADE_BENCH_WINDOW_MS'] ?? 60_000);
const window: Window = { rows, windowMs, perSecond: 200 };

/** A change in both ways: as one would type it, and as the step does it. */
interface Case {
  readonly name: string;
  readonly naively: string;
  readonly clean: string;
  readonly ours: (url: string) => Promise<unknown>;
}

const file = (apply: string, undo: string): Readonly<Record<string, string>> => ({
  'change.sql': `${apply};\n-- crossfade:undo\n${undo};\n`,
});

const cases: readonly Case[] = [
  {
    name: 'addColumn',
    naively: 'alter table public.messages add column note text',
    clean: 'alter table public.messages drop column note',
    ours: async (url) =>
      await performStep(
        url,
        'schema',
        { file: 'change.sql' },
        file(
          'alter table public.messages add column note text',
          'alter table public.messages drop column if exists note',
        ),
      ),
  },
  {
    name: 'setNotNull',
    naively:
      'alter table public.messages alter column created_at drop not null; alter table public.messages alter column created_at set not null',
    clean: 'alter table public.messages alter column created_at drop not null',
    ours: async (url) =>
      await performStep(url, 'schema', {
        change: { set_not_null: { table: 'public.messages', column: 'created_at' } },
      }),
  },
];

const rewrite: Case = {
  name: 'rewrite',
  naively: 'alter table public.messages alter column id type bigint',
  clean: 'alter table public.messages alter column id type integer',
  ours: async (url) =>
    await performStep(url, 'reshape', { table: 'public.messages', key: 'id', rewrite: true }),
};

/** Changes of the schema under load, naively and by Crossfade's steps, one after the other in one run. */
export const schemaBench: Bench = async () =>
  await withDatabase(rows, async (database) => {
    const figures: Record<string, number | boolean> = { rows, windowSeconds: windowMs / 1_000 };
    for (const one of cases) Object.assign(figures, await compare(database, one));
    Object.assign(figures, await indexSpeed(database));
    Object.assign(figures, await compare(database, rewrite));
    const { rows: counted } = await database.sql.query<{ n: number }>(
      `select (select count(*) from public.messages)::float8 - (select count(*) from public.messages_crossfade_old)::float8 as n`,
    );
    figures['rewrittenIsEqual'] = counted[0]?.n === 0;
    return figures;
  });

async function compare(
  database: BenchDatabase,
  { name, naively, clean, ours }: Case,
): Promise<Record<string, number | boolean>> {
  const { sql, url } = database;
  process.stderr.write(`${name}, naively\n`);
  const theirs = await feltWhile(database, window, async () => await sql.query(naively));
  await sql.query(clean);
  process.stderr.write(`  ${JSON.stringify(theirs)}\n${name}, by Crossfade\n`);
  const own = await feltWhile(database, window, async () => await ours(url));
  process.stderr.write(`  ${JSON.stringify(own)}\n`);
  return { ...prefixed(`${name}Naive`, theirs), ...prefixed(name, own), [`${name}Reached`]: isReached(own) };
}

const isReached = ({ failed, longestMs, stalledPercent }: Felt): boolean =>
  failed === 0 && longestMs <= targets.longestMs && stalledPercent <= targets.stalledPercent;

function prefixed(prefix: string, figures: Felt): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [
      `${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`,
      Number(value),
    ]),
  );
}

/** How fast an index comes, beside the plain statement: in turns, so that a machine that slows down slows both. */
async function indexSpeed({ sql, url }: BenchDatabase): Promise<Record<string, number | boolean>> {
  const ratios: number[] = [];
  for (let turn = 0; turn < indexRounds; turn += 1) {
    const plainMs = await timed(
      async () =>
        await sql.query('create index concurrently plain_index on public.messages (created_at, id)'),
    );
    await sql.query('drop index plain_index');
    const change = {
      add_index: { table: 'public.messages', columns: ['created_at', 'id'], name: `our_index_${turn}` },
    };
    const ownMs = await timed(async () => await performStep(url, 'schema', { change }));
    await sql.query(`drop index our_index_${turn}`);
    process.stderr.write(`index: plain ${Math.round(plainMs)} ms, by Crossfade ${Math.round(ownMs)} ms\n`);
    ratios.push(plainMs / ownMs);
  }
  const median = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? 0;
  return {
    indexSpeedRatio: Math.round(median * 1_000) / 1_000,
    indexSpeedReached: median >= targets.indexSpeed,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
