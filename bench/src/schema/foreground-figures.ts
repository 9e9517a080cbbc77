import { round } from './round.ts';
import type { ForegroundResult } from './foreground.ts';

export interface ForegroundFigures {
  readonly queries: number;
  readonly failed: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** For how long, and in how much of the window, nobody got an answer. A change that takes long has a longer window. */
  readonly stalledMs: number;
  readonly stalledPercent: number;
}

export interface MeasuredWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Queries are due every few milliseconds: so long without one answer is no chance any more. */
const silenceMs = 50;

/** Of the queries that were due in the window, whenever they were answered. */
export function foregroundFigures(
  { dueMs, tookMs, failures }: ForegroundResult,
  window: MeasuredWindow,
): ForegroundFigures {
  const isWithin = (atMs: number): boolean => atMs >= window.fromMs && atMs < window.untilMs;
  const sorted = tookMs.filter((_, at) => isWithin(dueMs[at] ?? 0)).toSorted((a, b) => a - b);
  const answeredMs = tookMs.map((took, at) => (dueMs[at] ?? 0) + took).filter(isWithin);
  const silentMs = stalledMs(answeredMs, window);
  return {
    queries: sorted.length,
    failed: failures.filter((failure) => isWithin(failure.dueMs)).length,
    p95Ms: round(sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0, 2),
    p99Ms: round(sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0),
    longestMs: round(sorted.at(-1) ?? 0),
    stalledMs: round(silentMs),
    stalledPercent: round((silentMs / (window.untilMs - window.fromMs)) * 100, 2),
  };
}

function stalledMs(answeredMs: readonly number[], { fromMs, untilMs }: MeasuredWindow): number {
  let lastMs = fromMs;
  let sumMs = 0;
  for (const atMs of [...answeredMs.toSorted((a, b) => a - b), untilMs]) {
    if (atMs - lastMs > silenceMs) sumMs += atMs - lastMs;
    lastMs = atMs;
  }
  return sumMs;
}
