import { parseSeries, type SeriesName, type SeriesValue } from './parse-open-metrics.ts';

/** How one series grew in a window. */
export interface SeriesIncrease extends SeriesName {
  readonly increase: number;
}

export interface WindowIncrease {
  readonly series: readonly SeriesIncrease[];
  /** Times of the first and last sample in the window; null with fewer than two: growth takes two looks. */
  readonly seen: { readonly fromMs: number; readonly toMs: number } | null;
}

interface Sample {
  readonly atMs: number;
  /** When the process says that it was started. */
  readonly startedAt: number | undefined;
  /** The process had been restarted since the sample before: all counters begin at 0 again. */
  readonly restarted: boolean;
  readonly values: ReadonlyMap<string, number>;
}

const cumulative = /_(total|bucket|count|sum)$/;
/** Alone, or with the labels that a process puts on all that it reports. */
const startTime = /^process_start_time_seconds(\{|$)/;
/** Names of so many series that have gone are kept before they are swept. */
const goneSeriesLimit = 1_000;

/** What one endpoint has reported over time: counters and histograms only, for as long as a gate may look back. */
export class SampleHistory {
  readonly #retainMs: number;
  readonly #keys = new Map<string, string>();
  readonly #names = new Map<string, SeriesName>();
  #samples: Sample[] = [];

  constructor(retainMs: number) {
    this.#retainMs = retainMs;
  }

  /** Time of the newest sample at or before a moment. */
  newestAtMs(toMs: number): number | undefined {
    return this.#samples.findLast(({ atMs }) => atMs <= toMs)?.atMs;
  }

  add(atMs: number, reported: readonly SeriesValue[]): void {
    // The clock was set back: what was seen at times that come again would be mixed up with it.
    if ((this.#samples.at(-1)?.atMs ?? 0) > atMs) this.#samples = [];
    const before = this.#samples.at(-1);
    const values = new Map<string, number>();
    for (const { series, value } of reported) {
      const known = this.#known(series);
      if (known !== undefined) values.set(known, value);
    }
    const startedAt = reported.find(({ series }) => startTime.test(series))?.value;
    const restarted = before !== undefined && hasRestarted(before, { startedAt, values });
    this.#samples = [
      ...this.#samples.filter((sample) => sample.atMs >= atMs - this.#retainMs),
      { atMs, startedAt, restarted, values },
    ];
    if (this.#names.size > values.size + goneSeriesLimit) this.#forgetGoneSeries();
  }

  /** How many series are known by name: for as long as a sample has them. */
  get seriesCount(): number {
    return this.#names.size;
  }

  /** Growth of every series that the filter takes, from the first to the last sample of the window. */
  increase(fromMs: number, toMs: number, takes: (name: SeriesName) => boolean): WindowIncrease {
    const samples = this.#samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    const first = samples[0];
    const last = samples.at(-1);
    if (!first || !last || samples.length < 2) return { series: [], seen: null };
    const series = [...this.#names].flatMap(([key, name]) => {
      const increase = takes(name) ? growthOf(key, samples) : undefined;
      return increase === undefined ? [] : [{ ...name, increase }];
    });
    return { series, seen: { fromMs: first.atMs, toMs: last.atMs } };
  }

  /** Knows the series from now on, under one string of its own: a slice of the scraped text would keep all of it alive. */
  #known(series: string): string | undefined {
    const known = this.#keys.get(series);
    if (known !== undefined) return known;
    const own = Buffer.from(series, 'utf8').toString('utf8');
    const name = parseSeries(own);
    if (!name || !cumulative.test(name.name)) return undefined;
    this.#keys.set(own, own);
    this.#names.set(own, name);
    return own;
  }

  #forgetGoneSeries(): void {
    const seen = new Set(this.#samples.flatMap(({ values }) => [...values.keys()]));
    for (const key of this.#names.keys()) {
      if (seen.has(key)) continue;
      this.#keys.delete(key);
      this.#names.delete(key);
    }
  }
}

/** Undefined for a series that none of the samples has. */
function growthOf(series: string, samples: readonly Sample[]): number | undefined {
  let growth: number | undefined;
  let before = 0;
  for (const [index, { restarted, values }] of samples.entries()) {
    const value = values.get(series);
    if (restarted) before = 0;
    // One that a single look has missed goes on from where it was.
    if (value === undefined) continue;
    // What was not there before, or began again with its process, has grown from 0.
    if (index === 0) growth = 0;
    else growth = (growth ?? 0) + (value >= before ? value - before : value);
    before = value;
  }
  return growth;
}

/** By the process's own start time where it tells; else by any counter that has shrunk, which only a restart explains. */
function hasRestarted(before: Pick<Sample, 'startedAt' | 'values'>, now: typeof before): boolean {
  if (before.startedAt !== undefined && now.startedAt !== undefined) {
    return before.startedAt !== now.startedAt;
  }
  return [...now.values].some(([series, value]) => value < (before.values.get(series) ?? 0));
}
