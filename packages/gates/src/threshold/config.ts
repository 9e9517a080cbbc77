import { durationSchema, percentageSchema } from '@crossfade/plan';
import { z } from 'zod';

const metricSchema = z.string().regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/, {
  error: 'expected the name of a metric such as "parley_requests_total"',
});
const labelsSchema = z.record(z.string(), z.string());

const common = {
  window: durationSchema
    .refine((durationMs) => durationMs >= 1_000, { error: 'expected a duration of at least 1s' })
    .prefault('20s')
    .meta({ description: 'How far back it looks, in real time.' }),
  min_samples: z
    .int()
    .min(1)
    .prefault(200)
    .meta({ description: 'With fewer samples the gate says nothing: neither good nor bad.' }),
};

const shareAboveSchema = z.strictObject({
  measure: z
    .literal('share_above')
    .meta({ description: 'The share of a histogram’s samples above an edge.' }),
  histogram: metricSchema.meta({
    description: 'The histogram.',
    examples: ['parley_request_duration_seconds'],
  }),
  labels: labelsSchema.prefault({}).meta({ description: 'Only series with these labels.' }),
  edge: z
    .number()
    .positive()
    .meta({
      description:
        'In the metric’s unit. It must be an edge of one of its buckets, so that the share is exact.',
      examples: [0.2],
    }),
  at_most: percentageSchema.meta({ description: '"5%" at 0.2 s says the same as p95 under 200 ms.' }),
  ...common,
});

const ratioSchema = z.strictObject({
  measure: z.literal('ratio').meta({ description: 'The growth of one counter as a share of another’s.' }),
  metric: metricSchema.meta({
    description: 'The counter of what should be rare.',
    examples: ['parley_requests_total'],
  }),
  labels: labelsSchema
    .prefault({})
    .meta({ description: 'Only series with these labels.', examples: [{ outcome: 'error' }] }),
  of: z
    .strictObject({ metric: metricSchema, labels: labelsSchema.prefault({}) })
    .meta({ description: 'The counter of all.' }),
  below: percentageSchema
    .refine((percentage) => percentage > 0, { error: 'expected a percentage above 0: nothing is under 0 %' })
    .meta({ description: 'The share has to stay under this.' }),
  min_failures: z.int().min(1).prefault(3).meta({
    description:
      'With fewer in the window the gate does not fail, however large their share: it is inconclusive, and promotes nothing.',
  }),
  ...common,
});

export const thresholdConfigSchema = z.discriminatedUnion('measure', [shareAboveSchema, ratioSchema]);

export type ShareAboveConfig = z.output<typeof shareAboveSchema>;
export type RatioConfig = z.output<typeof ratioSchema>;
export type ThresholdConfig = z.output<typeof thresholdConfigSchema>;
