import type { BenchDatabase } from '../schema/bench-database.ts';
import type { Figures } from '../schema/compare.ts';
import { feltWhile } from '../schema/felt-while.ts';
import { performStep } from '../schema/perform-step.ts';
import { round } from '../schema/round.ts';
import { startProbe } from './probe.ts';
import { reset } from './rates.ts';
import { sqlSettings } from './ways.ts';

const perSecond = 300;
const mostTimesAsSlow = 1.1;
/** Of what people waited before: so much more is heeded, for the pace to settle below what is promised. */
const heededTimes = 1.05;

/** What people write meanwhile has its new column from the start. */
const keepsWords = `
  create function public.keep_words() returns trigger language plpgsql as $$
    begin new.words := upper(new.body); return new; end $$;
  create trigger keep_words before insert or update of body on public.messages for each row execute function public.keep_words()`;

/** What people feel of a backfill that heeds how they fare, beside the same load alone; and how fast it is then. */
export async function guarded(database: BenchDatabase, rows: number, seconds: number): Promise<Figures> {
  await reset(database, 'words');
  const { url, sql } = database;
  await sql.query(keepsWords);
  const load = { url, rows, windowMs: seconds * 1_000, perSecond };
  const probe = await startProbe(url, rows);
  try {
    const alone = await feltWhile(load, 'has read', async () => await Promise.resolve({ attempts: 0 }));
    const limitMs = round(probe.p95Ms() * heededTimes, 3);
    process.stderr.write(`the load alone: p95 ${alone.p95Ms} ms; heeded above ${limitMs} ms\n`);
    const startedMs = performance.now();
    let tookMs = 0;
    const beside = await feltWhile(load, 'has read', async () => {
      const done = await performStep(url, {
        type: 'backfill',
        effects: ['fill'],
        settings: {
          ...sqlSettings,
          throttle: { latency: { histogram: 'probe', p95_below: `${limitMs}ms` } },
        },
        metrics: probe.metrics,
      });
      tookMs = performance.now() - startedMs;
      return done;
    });
    const times = beside.p95Ms / Math.max(0.01, alone.p95Ms);
    process.stderr.write(`with the backfill: p95 ${beside.p95Ms} ms, ${round(times, 2)} times\n`);
    return {
      loadQueriesPerSecond: perSecond,
      aloneP95Ms: alone.p95Ms,
      guardedP95Ms: beside.p95Ms,
      guardedFailed: beside.failed,
      guardedRowsPerSecond: Math.round(rows / (tookMs / 1_000)),
      guardedTimes: round(times, 3),
      guardedReached: times <= mostTimesAsSlow && beside.failed === 0,
    };
  } finally {
    await probe.stop();
    await sql.query('drop trigger keep_words on public.messages; drop function public.keep_words()');
  }
}
