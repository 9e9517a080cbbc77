import type { GateType } from '@crossfade/engine';
import { formatLabels, formatPercent } from '../format.ts';
import { thresholdConfigSchema, type ThresholdConfig } from './config.ts';
import { assessRatio, measureRatio } from './ratio.ts';
import { assessShareAbove, measureShareAbove } from './share-above.ts';

export const thresholdGate: GateType<ThresholdConfig> = {
  type: 'threshold',
  about:
    'Compares a measurement of the application with a fixed limit: the share of a histogram’s samples above an edge ' +
    '(exact, unlike a percentile out of buckets), or one counter’s growth as a share of another’s. Too few samples, a ' +
    'window that was hardly seen or old figures are inconclusive: they never pass.',
  configSchema: thresholdConfigSchema,
  describe: (config) =>
    config.measure === 'share_above'
      ? `At most ${formatPercent(config.at_most)} of ${config.histogram} above ${config.edge}.`
      : `${config.metric} {${formatLabels(config.labels)}} under ${formatPercent(config.below)} of ${config.of.metric}.`,
  windowMs: (config) => config.window,
  measure: async (config, window, metrics) =>
    config.measure === 'share_above'
      ? await measureShareAbove(config, window, metrics)
      : await measureRatio(config, window, metrics),
  assess: (config, measurement, window) =>
    config.measure === 'share_above'
      ? assessShareAbove(config, measurement, window)
      : assessRatio(config, measurement, window),
};
