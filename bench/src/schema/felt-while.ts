import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startClient } from '../flags/live/client-process.ts';
import type { BenchDatabase } from './bench-database.ts';
import { foregroundFigures, round, type ForegroundFigures } from './foreground-figures.ts';
import type { ForegroundGiven, ForegroundResult } from './foreground.ts';

export interface Felt extends ForegroundFigures {
  readonly changeMs: number;
}

export interface Window {
  readonly rows: number;
  readonly windowMs: number;
  readonly perSecond: number;
}

const longestReadMs = 5_000;
const warmUpMs = 2_000;

/**
 * What people feel of a change in a window of time: under constant load, with a report that holds a transaction open over the
 * table for five seconds just when the change begins.
 */
export async function feltWhile(
  { url }: BenchDatabase,
  { rows, windowMs, perSecond }: Window,
  change: () => Promise<unknown>,
): Promise<Felt> {
  const given: ForegroundGiven = { url, rows, perSecond };
  const client = await startClient(new URL('foreground.ts', import.meta.url), given);
  try {
    const beganMs = performance.now();
    await sleep(Math.min(warmUpMs, windowMs / 10));
    const report = holdTransaction(url, Math.min(longestReadMs, windowMs / 3));
    await sleep(200);
    const startedMs = performance.now();
    await change();
    const changeMs = performance.now() - startedMs;
    await report;
    await sleep(Math.max(500, windowMs - (performance.now() - beganMs)));
    const result = (await client.finish()) as ForegroundResult;
    if (result.failures.length > 0) process.stderr.write(`    the first failure: ${result.failures[0]}\n`);
    return { ...foregroundFigures(result), changeMs: round(changeMs) };
  } finally {
    client.kill();
  }
}

async function holdTransaction(url: string, forMs: number): Promise<void> {
  const reader = new pg.Client({ connectionString: url, application_name: 'a slow report' });
  await reader.connect();
  await reader.query('begin');
  await reader.query('select count(*) from public.messages where id < 1000');
  await sleep(forMs);
  await reader.query('commit');
  await reader.end();
}
