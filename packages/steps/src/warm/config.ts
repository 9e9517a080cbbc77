import { durationSchema } from '@crossfade/plan';
import { z } from 'zod';
import { mostRaises, reachesTarget } from './raises.ts';

const labelsSchema = z.record(z.string(), z.union([z.string(), z.array(z.string()).min(1)]));

/** With none at all, it would never wait between two raises. */
const everySchema = durationSchema.refine((durationMs) => durationMs >= 1, {
  error: 'expected a duration of at least 1ms',
});

export const warmConfigSchema = z
  .strictObject({
    parameter: z.string().min(1).meta({ description: 'The parameter of the plan that is raised.' }),
    start: z.number().meta({ description: 'Its value at the beginning, within its minimum and maximum.' }),
    increment: z
      .number()
      .positive()
      .meta({ description: 'By how much it is raised at a time: 1,000 times at most.' }),
    every: everySchema.meta({ description: 'How often, in plan time.', examples: ['1d'] }),
    target: z.number().meta({ description: 'Its value at the end, within its minimum and maximum.' }),
    hit_rate: z
      .strictObject({
        metric: z.string().min(1),
        hit: labelsSchema.meta({
          description: 'Lookups that were answered from the cache.',
          examples: [{ result: 'hit' }],
        }),
        of: labelsSchema.meta({
          description: 'Lookups that could have been; a list of values counts all of them together.',
          examples: [{ result: ['hit', 'miss'] }],
        }),
      })
      .meta({ description: 'The counter that tells how often the cache helps.' }),
    target_hit_rate: z
      .number()
      .min(0)
      .max(100)
      .meta({ description: 'What one would like to see, in percent.' }),
    window: durationSchema
      .prefault('10s')
      .meta({ description: 'How long the hit rate is measured at the target, in real time.' }),
  })
  .refine(({ start, target }) => start <= target, {
    error: 'expected a target that is not below the start',
    path: ['target'],
  })
  .refine(reachesTarget, {
    error: `expected an increment that reaches the target in at most ${mostRaises} raises`,
    path: ['increment'],
  });

export type WarmConfig = z.output<typeof warmConfigSchema>;
export type Labels = z.output<typeof labelsSchema>;
