import type { Json, MeasureWindow, Metrics, Verdict } from '@crossfade/engine';
import { z } from 'zod';
import { coverageProblem, coverageSchema, silenceNote } from '../coverage-problem.ts';
import { formatCount, formatLabels, formatPercent } from '../format.ts';
import type { RatioConfig } from './config.ts';
import { tooFew } from './share-above.ts';

const measurementSchema = z.object({ part: z.number(), whole: z.number(), coverage: coverageSchema });

export async function measureRatio(
  config: RatioConfig,
  window: MeasureWindow,
  metrics: Metrics,
): Promise<Json> {
  const [part, whole] = await Promise.all([
    metrics.counterIncrease({ metric: config.metric, labels: config.labels, ...window }),
    metrics.counterIncrease({ metric: config.of.metric, labels: config.of.labels, ...window }),
  ]);
  return { part: part.value, whole: whole.value, coverage: { ...whole.coverage } };
}

export function assessRatio(config: RatioConfig, measured: Json, window: MeasureWindow): Verdict {
  const { part, whole, coverage } = measurementSchema.parse(measured);
  const { below: limit, min_samples: minimum } = config;
  const share = whole > 0 ? (part / whole) * 100 : 0;
  const labels = formatLabels(config.labels);
  const what = `${config.metric}${labels === '' ? '' : ` with ${labels}`}`;
  const evidence =
    `${formatCount(part)} of ${formatCount(whole)} (${formatPercent(share)}) ${what}; ` +
    `under ${formatPercent(limit)} required${silenceNote(coverage)}`;
  const judged = { value: whole > 0 ? share : null, limit, samples: whole, ...window };
  if (part > whole) {
    return { ...judged, status: 'invalid', evidence: `the part is more than the whole: ${evidence}` };
  }
  // Harm that was seen is harm, however little of the window was seen.
  if (whole >= minimum && share >= limit) return { ...judged, status: 'fail', evidence };
  const problem = coverageProblem(coverage, window, config.window) ?? tooFew(whole, minimum);
  if (problem !== undefined)
    return { ...judged, status: 'inconclusive', evidence: `${problem}: ${evidence}` };
  return { ...judged, status: 'pass', evidence };
}
