import type { Parley } from './parley.ts';
import { readHealth } from './queries/health.ts';

const DATABASE_LIMIT_MS = 100;
/** A check that does not come back must not keep the asker waiting. */
const DEADLINE_MS = 1_000;

type Check = { ok: boolean; tookMs: number };

export type Readiness = { database: Check; cache: Check; realtime: Check };

/** Whether what requests need works now, each within its limit. */
export async function checkReadiness({
  database,
  checkCache,
  realtime,
}: Pick<Parley, 'database' | 'checkCache' | 'realtime'>): Promise<Readiness> {
  const [databaseCheck, cacheCheck, realtimeCheck] = await Promise.all([
    timed(async () => await readHealth(database), DATABASE_LIMIT_MS),
    timed(async () => checkCache(), DEADLINE_MS),
    timed(async () => await realtime.check(), DEADLINE_MS),
  ]);
  return { database: databaseCheck, cache: cacheCheck, realtime: realtimeCheck };
}

/** Ok means: it came back without an error, within the limit. */
async function timed(work: () => Promise<unknown>, limitMs: number): Promise<Check> {
  const startedAt = performance.now();
  const tookMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), DEADLINE_MS);
  // Why it is not ok stands in the log of whoever owns the connection; the asker learns that it is not.
  const done = work().then(
    () => true,
    () => false,
  );
  const inTime = await Promise.race([done, late]);
  clearTimeout(timer);
  return { ok: inTime && tookMs() <= limitMs, tookMs: tookMs() };
}
