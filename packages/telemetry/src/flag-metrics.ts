/** Requests and how long they took, by flag and variant, in OpenMetrics. */
export interface FlagMetrics {
  count(
    flag: string,
    variant: string,
    outcome: { readonly failed: boolean; readonly durationMs: number },
  ): void;
  /** Families without the closing "# EOF", to stand among others. */
  text(): string;
}

interface Series {
  readonly flag: string;
  readonly variant: string;
  ok: number;
  failed: number;
  durationSeconds: number;
  /** By edge; not cumulative. */
  readonly buckets: number[];
}

/** Another flag or variant is not counted: a name that a request could make up must not fill the memory. */
const mostSeries = 500;

/**
 * One series for each flag and variant, never one for each combination of flags: what a request costs, and what a scrape costs,
 * grows with the number of flags and no faster.
 * @param edgesSeconds upper edges of the histogram's buckets, ascending. A gate's limit must be one of them.
 */
export function flagMetrics(edgesSeconds: readonly number[]): FlagMetrics {
  const all = new Map<string, Series>();
  const seriesOf = (flag: string, variant: string): Series | undefined => {
    const key = `${flag}\n${variant}`;
    const known = all.get(key);
    if (known !== undefined || all.size >= mostSeries) return known;
    const buckets = edgesSeconds.map(() => 0);
    const series: Series = { flag, variant, ok: 0, failed: 0, durationSeconds: 0, buckets };
    all.set(key, series);
    return series;
  };
  return {
    count(flag, variant, { failed, durationMs }) {
      const series = seriesOf(flag, variant);
      if (series === undefined) return;
      if (failed) series.failed += 1;
      else series.ok += 1;
      const seconds = durationMs / 1_000;
      series.durationSeconds += seconds;
      const bucket = edgesSeconds.findIndex((edge) => seconds <= edge);
      if (bucket !== -1) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
    },
    text: () => [...counterLines(all.values()), ...histogramLines(all.values(), edgesSeconds), ''].join('\n'),
  };
}

function* counterLines(all: Iterable<Series>): Generator<string> {
  const name = 'crossfade_flag_requests';
  yield `# HELP ${name} Requests in which a flag was answered with this variant.`;
  yield `# TYPE ${name} counter`;
  for (const series of all) {
    yield `${name}_total{${labelsOf(series)},outcome="ok"} ${series.ok}`;
    yield `${name}_total{${labelsOf(series)},outcome="error"} ${series.failed}`;
  }
}

function* histogramLines(all: Iterable<Series>, edgesSeconds: readonly number[]): Generator<string> {
  const name = 'crossfade_flag_request_duration_seconds';
  yield `# HELP ${name} How long those requests took.`;
  yield `# TYPE ${name} histogram`;
  for (const series of all) {
    const labels = labelsOf(series);
    const count = series.ok + series.failed;
    let below = 0;
    for (const [index, edge] of edgesSeconds.entries()) {
      below += series.buckets[index] ?? 0;
      yield `${name}_bucket{${labels},le="${edge}"} ${below}`;
    }
    yield `${name}_bucket{${labels},le="+Inf"} ${count}`;
    yield `${name}_count{${labels}} ${count}`;
    yield `${name}_sum{${labels}} ${series.durationSeconds}`;
  }
}

function labelsOf({ flag, variant }: Series): string {
  return `flag="${escaped(flag)}",variant="${escaped(variant)}"`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
