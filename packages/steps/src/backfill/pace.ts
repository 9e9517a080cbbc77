import type { PerformContext } from '@crossfade/engine';
import { describeDurationMs } from '@crossfade/plan';
import { countOf, formatCount } from '../text.ts';
import type { BackfillConfig } from './config.ts';

/** Rows in a real second that the plan's pace allows at this speed; null when it sets none. */
export function rowsPerSecondLimit(pace: BackfillConfig['pace'], speed: number): number | null {
  return pace ? (pace.rows / pace.every) * 1_000 * speed : null;
}

/** "100 rows per 1 s of plan time: 2,000,000 rows/s at speed 20,000": what the plan says, and what that is in this run. */
export function describePace(pace: NonNullable<BackfillConfig['pace']>, speed: number): string {
  const perSecond = formatRate((pace.rows / pace.every) * 1_000 * speed);
  const at = Number.isInteger(speed) ? formatCount(speed) : String(speed);
  return `${countOf(pace.rows, 'row')} per ${describeDurationMs(pace.every)} of plan time: ${perSecond} rows/s at speed ${at}`;
}

/** "2,000,000", or "0.25" where whole numbers would say too little. */
export function formatRate(rowsPerSecond: number): string {
  return rowsPerSecond >= 10 ? formatCount(rowsPerSecond) : String(Number(rowsPerSecond.toPrecision(3)));
}

/** No more than a second's worth of the limit at once, so that a slow pace is slow all the time and not in bursts. */
export function batchSizeFor(config: BackfillConfig, limit: number | null): number {
  return limit === null ? config.batch_size : Math.min(config.batch_size, Math.max(1, Math.floor(limit)));
}

const longestSleepMs = 3_600_000;

/** Keeps the rows under the limit: what a batch took is slept off before the next. */
export class Pacer {
  readonly #context: PerformContext;
  #limit: number | null;
  #freeAtMs: number;

  constructor(context: PerformContext, limit: number | null) {
    this.#context = context;
    this.#limit = limit;
    this.#freeAtMs = context.clock.elapsedMs();
  }

  async waitForTurn(signal = this.#context.signal): Promise<void> {
    const { clock } = this.#context;
    const waitMs = this.#freeAtMs - clock.elapsedMs();
    // Timers are coarse: a debt of less than their grain is carried on to the next batch.
    if (this.#limit === null || waitMs < 2) return;
    // Timers go off at once when they are set further ahead than they can count.
    for (let restMs = waitMs; restMs > 0; restMs -= longestSleepMs) {
      await clock.sleep(Math.min(restMs, longestSleepMs), signal);
    }
  }

  /** From now on; what is owed stays owed. */
  limitTo(limit: number): void {
    this.#limit = limit;
  }

  spent(rows: number): void {
    if (this.#limit === null) return;
    const nowMs = this.#context.clock.elapsedMs();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - 1_000) + (rows / this.#limit) * 1_000;
  }
}
