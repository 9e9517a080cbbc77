import type { Json, MeasureWindow, Metrics, Verdict } from '@crossfade/engine';
import { z } from 'zod';
import { coverageProblem, coverageSchema, silenceNote } from '../coverage-problem.ts';
import { formatCount, formatLabels, formatPercent } from '../format.ts';
import type { RatioConfig } from './config.ts';
import { tooFew } from './share-above.ts';

const measurementSchema = z.object({
  part: z.number(),
  whole: z.number(),
  /** Labels that the plan names and no series has: a misspelled one would count nothing, and pass for ever. */
  unknownLabels: z.array(z.string()),
  knownLabels: z.array(z.string()),
  coverage: coverageSchema,
});

export async function measureRatio(
  config: RatioConfig,
  window: MeasureWindow,
  metrics: Metrics,
): Promise<Json> {
  const [part, whole] = await Promise.all([
    metrics.counterIncrease({ metric: config.metric, labels: config.labels, ...window }),
    metrics.counterIncrease({ metric: config.of.metric, labels: config.of.labels, ...window }),
  ]);
  // A counter that has never grown may not be there yet; its labels are then those of the whole, if it is the same one.
  const knownLabels = part.labelNames.length > 0 ? part.labelNames : whole.labelNames;
  const wanted =
    config.metric === config.of.metric || part.labelNames.length > 0 ? Object.keys(config.labels) : [];
  return {
    part: part.value,
    whole: whole.value,
    unknownLabels: wanted.filter((label) => whole.value > 0 && !knownLabels.includes(label)),
    knownLabels: [...knownLabels],
    coverage: { ...whole.coverage },
  };
}

export function assessRatio(config: RatioConfig, measured: Json, window: MeasureWindow): Verdict {
  const { part, whole, unknownLabels, knownLabels, coverage } = measurementSchema.parse(measured);
  const { below: limit, min_samples: minimum, min_failures: fewest } = config;
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
  if (unknownLabels.length > 0) {
    const named = `${config.metric} has no label ${unknownLabels.join(', ')}: it has ${knownLabels.join(', ')}`;
    return { ...judged, status: 'invalid', evidence: named };
  }
  if (whole >= minimum && share >= limit) {
    // A single failure among few requests is over any small limit, and says nothing about the rate.
    if (part < fewest)
      return { ...judged, status: 'inconclusive', evidence: `${part} of ${fewest} failures: ${evidence}` };
    // Harm that was seen is harm, however little of the window was seen.
    return { ...judged, status: 'fail', evidence };
  }
  const problem = coverageProblem(coverage, window, config.window) ?? tooFew(whole, minimum);
  if (problem !== undefined)
    return { ...judged, status: 'inconclusive', evidence: `${problem}: ${evidence}` };
  return { ...judged, status: 'pass', evidence };
}
