import type { Json, MeasureWindow, Metrics, Verdict } from '@crossfade/engine';
import { z } from 'zod';
import { coverageProblem, coverageSchema, silenceNote } from '../coverage-problem.ts';
import { formatCount, formatPercent, formatValue } from '../format.ts';
import type { ShareAboveConfig } from './config.ts';
import { estimateQuantile } from '@crossfade/engine';

const measurementSchema = z.object({
  count: z.number(),
  /** Samples at or under the edge; null when the histogram has no such edge. */
  within: z.number().nullable(),
  p95: z.number().nullable(),
  edges: z.array(z.number()),
  coverage: coverageSchema,
});

export async function measureShareAbove(
  config: ShareAboveConfig,
  window: MeasureWindow,
  metrics: Metrics,
): Promise<Json> {
  const { histogram, labels, edge } = config;
  const increase = await metrics.histogramIncrease({ metric: histogram, labels, ...window });
  const bucket = increase.buckets.find(({ upperEdge }) => Math.abs(upperEdge - edge) <= edge * 1e-9);
  return {
    count: increase.count,
    within: bucket?.count ?? null,
    p95: estimateQuantile(increase.buckets, 0.95),
    edges: increase.buckets.map(({ upperEdge }) => upperEdge).filter(Number.isFinite),
    coverage: { ...increase.coverage },
  };
}

export function assessShareAbove(config: ShareAboveConfig, measured: Json, window: MeasureWindow): Verdict {
  const { count, within, p95, edges, coverage } = measurementSchema.parse(measured);
  const { edge, at_most: limit, histogram, min_samples: minimum } = config;
  const unit = histogram.endsWith('_seconds') ? 's' : '';
  const base = { value: null, limit, samples: count, ...window };
  if (within === null && (count > 0 || edges.length > 0)) {
    const evidence = `${histogram} has no bucket edge at ${edge}: it has ${edges.join(', ') || 'none'}`;
    return { ...base, status: 'invalid', evidence };
  }
  const counted = within ?? 0;
  if (counted > count) {
    const evidence = `${histogram} counts ${formatCount(counted)} samples up to ${edge}, and ${formatCount(count)} in all`;
    return { ...base, status: 'invalid', evidence };
  }
  const share = count > 0 ? ((count - counted) / count) * 100 : 0;
  const above = `took longer than ${edge}${unit === '' ? '' : ` ${unit}`}`;
  const typical = p95 === null ? '' : ` (p95 about ${formatValue(p95, unit)})`;
  const evidence =
    `${formatPercent(share)} of ${formatCount(count)} requests ${above}; at most ${formatPercent(limit)} allowed` +
    typical +
    silenceNote(coverage);
  const judged = { ...base, value: count > 0 ? share : null };
  // Harm that was seen is harm, however little of the window was seen.
  if (count >= minimum && share > limit) return { ...judged, status: 'fail', evidence };
  const problem = coverageProblem(coverage, window, config.window) ?? tooFew(count, minimum);
  if (problem !== undefined)
    return { ...judged, status: 'inconclusive', evidence: `${problem}: ${evidence}` };
  return { ...judged, status: 'pass', evidence };
}

export function tooFew(count: number, minimum: number): string | undefined {
  return count < minimum ? `${formatCount(count)} of ${formatCount(minimum)} samples` : undefined;
}
