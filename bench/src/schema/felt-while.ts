import { setTimeout as sleep } from 'node:timers/promises';
import { startClient } from '../flags/live/client-process.ts';
import { monotonicMs } from '../flags/live/monotonic-ms.ts';
import { foregroundFigures, type ForegroundFigures } from './foreground-figures.ts';
import type { ForegroundGiven, ForegroundResult } from './foreground.ts';
import { round } from './round.ts';
import { startSlowReport, type Holds } from './slow-report.ts';

export interface Felt extends ForegroundFigures {
  readonly changeMs: number;
  /** How often the change was tried, until it was done. */
  readonly attempts: number;
}

export interface Load {
  readonly url: string;
  readonly rows: number;
  readonly windowMs: number;
  readonly perSecond: number;
}

const longestHoldMs = 5_000;
const warmUpMs = 2_000;
const headStartMs = 200;

/**
 * What people feel of a change in a window of time: under constant load, and with a slow report that begins right before it.
 * The window begins with that report; it is as long as it should be, or longer where the change is.
 */
export async function feltWhile(
  { url, rows, windowMs, perSecond }: Load,
  holds: Holds,
  change: () => Promise<{ readonly attempts: number }>,
): Promise<Felt> {
  const given: ForegroundGiven = { url, rows, perSecond };
  const foreground = await startClient(new URL('foreground.ts', import.meta.url), given);
  try {
    await sleep(Math.min(warmUpMs, windowMs / 2));
    const fromMs = monotonicMs();
    const report = await startSlowReport(url, holds, Math.min(longestHoldMs, windowMs / 3));
    await sleep(Math.min(headStartMs, windowMs / 10));
    const startedMs = monotonicMs();
    const { attempts } = await change();
    const changeMs = monotonicMs() - startedMs;
    await sleep(Math.max(windowMs / 10, windowMs - (monotonicMs() - fromMs)));
    const untilMs = monotonicMs();
    await report.stop();
    const result = (await foreground.finish()) as ForegroundResult;
    for (const { why } of result.failures.slice(0, 1)) process.stderr.write(`  the first failure: ${why}\n`);
    return { ...foregroundFigures(result, { fromMs, untilMs }), changeMs: round(changeMs), attempts };
  } finally {
    foreground.kill();
  }
}
