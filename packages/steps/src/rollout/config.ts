import { durationSchema, percentageSchema, planTimeSchema } from '@crossfade/plan';
import { z } from 'zod';
import { breachAfterSchema } from '../gate-progress.ts';

const stageSchema = z.strictObject({
  group: z.string().min(1).meta({ description: 'A group of the plan.' }),
  percentage: percentageSchema
    .exactOptional()
    .meta({ description: 'Share of the group’s segment. Default: the group’s percentage.' }),
  at: planTimeSchema.exactOptional().meta({ description: 'Not before this moment. Default: the group’s.' }),
  bake: durationSchema
    .prefault('0s')
    .meta({ description: 'How long the stage is watched at least, in plan time.', examples: ['2d'] }),
  gates: z
    .array(z.string().min(1))
    .prefault([])
    .meta({ description: 'Gates that must pass on what was measured since the stage began.' }),
});

export const rolloutConfigSchema = z.strictObject({
  flags: z.array(z.string().min(1)).min(1).meta({ description: 'Flags of the plan that go out together.' }),
  stages: z
    .array(stageSchema)
    .min(1)
    .meta({ description: 'One after the other; who has been let in stays in.' }),
  patience: durationSchema
    .prefault('5m')
    .meta({ description: 'How long a stage may be undecided after it has baked, in real time.' }),
  breach_after: breachAfterSchema,
  on_inconclusive: z
    .enum(['hold', 'roll_back'])
    .prefault('hold')
    .meta({ description: 'What to do when patience ends: stay at the stage, or take the run back.' }),
});

export type RolloutConfig = z.output<typeof rolloutConfigSchema>;
export type RolloutStage = RolloutConfig['stages'][number];
