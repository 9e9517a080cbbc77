import { createPostgresTarget, systemClock, systemRandom } from '@crossfade/controller';
import { asVerifiable, stepCatalog, verifyStep } from '@crossfade/steps';
import type { BenchDatabase } from '../schema/bench-database.ts';
import type { Figures } from '../schema/compare.ts';
import { performStep } from '../schema/perform-step.ts';
import { reset } from './rates.ts';
import { sqlSettings } from './ways.ts';

/** How fast all rows are compared with what they are made from, beside filling them; and that one changed by hand is found. */
export async function verification(database: BenchDatabase, rows: number): Promise<Figures> {
  await reset(database, 'words');
  const { url, sql } = database;
  const startedMs = performance.now();
  await performStep(url, { type: 'backfill', effects: ['fill'], settings: sqlSettings });
  const fillMs = performance.now() - startedMs;
  const changed = Math.ceil(rows / 3);
  await sql.query(`update public.messages set words = words || '!' where id = $1`, [changed]);
  const { compared, different, keys, tookMs } = await verifyStep(theStep(), {
    runId: 'bench',
    stepId: 'verify',
    signal: new AbortController().signal,
    files: {},
    target: createPostgresTarget({ connectionString: url }),
    clock: systemClock,
    random: systemRandom,
    report: () => undefined,
    workers: 1,
    resume: false,
  });
  const isFound = different === 1 && keys[0] === String(changed);
  return {
    verifiedRowsPerSecond: Math.round(compared / (tookMs / 1_000)),
    filledRowsPerSecond: Math.round(rows / (fillMs / 1_000)),
    changedRowIsFound: isFound,
    verificationReached: isFound && compared === rows && tookMs <= fillMs,
  };
}

function theStep() {
  const type = stepCatalog['backfill'];
  const step = type && asVerifiable(type, type.configSchema.parse({ ...sqlSettings, verify: 'auto' }));
  if (!step) throw new Error('a backfill has rows to compare');
  return step;
}
