import type { ForegroundResult } from './foreground.ts';

export interface ForegroundFigures {
  readonly queries: number;
  readonly failed: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** Of the window, in which queries were due and none of them was answered in time. */
  readonly stalledPercent: number;
}

/** A slice of the window counts as stalled when everything that was due in it took longer than it may. */
const sliceMs = 50;
const mayTakeMs = 100;

export function foregroundFigures({ dueMs, tookMs, failures }: ForegroundResult): ForegroundFigures {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const slices = Map.groupBy(dueMs.keys(), (at) => Math.floor((dueMs[at] ?? 0) / sliceMs));
  const stalled = [...slices.values()].filter((of) => of.every((at) => (tookMs[at] ?? 0) > mayTakeMs));
  return {
    queries: tookMs.length,
    failed: failures.length,
    p99Ms: round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
    longestMs: round(sorted.at(-1) ?? 0),
    stalledPercent: Math.round((stalled.length / Math.max(1, slices.size)) * 10_000) / 100,
  };
}

export const round = (value: number): number => Math.round(value * 10) / 10;
