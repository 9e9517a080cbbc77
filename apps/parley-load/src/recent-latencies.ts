/** Latencies of the last few seconds, for a live display. The log keeps them all. */
export class RecentLatencies {
  readonly #windowMs: number;
  #samples: { readonly atMs: number; readonly latencyMs: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(atMs: number, latencyMs: number): void {
    this.#samples.push({ atMs, latencyMs });
  }

  /** Null where there was nothing in the window: no request is not a quick request. */
  summary(nowMs: number): { p50Ms: number | null; p95Ms: number | null; requestsPerSecond: number } {
    const oldestMs = nowMs - this.#windowMs;
    this.#samples = this.#samples.filter(({ atMs }) => atMs >= oldestMs);
    const sorted = this.#samples.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
    const perSecond = sorted.length / (this.#windowMs / 1000);
    return {
      p50Ms: percentile(sorted, 0.5),
      p95Ms: percentile(sorted, 0.95),
      requestsPerSecond: Math.round(perSecond * 10) / 10,
    };
  }
}

/** The smallest value that at least this share of the sorted values does not exceed. */
export function percentile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
