import type { Json } from '@crossfade/engine';
import { z } from 'zod';

const passedStageSchema = z.object({
  group: z.string(),
  percentage: z.number(),
  enteredAtMs: z.number(),
  passedAtMs: z.number(),
});

const rolloutStateSchema = z.object({
  /** Index of the stage that is being entered or watched. */
  stage: z.number(),
  status: z.enum(['before', 'admitting', 'open', 'undone']),
  /** Real and plan time at which the stage was entered; 0 before. */
  enteredAtMs: z.number(),
  enteredPlanMs: z.number(),
  /** Real time at which it was asked who belongs to the stage's segment; not told by older runs. */
  askedAtMs: z.number().exactOptional(),
  /** Why it is held, as it was when patience ended. */
  heldFor: z.string().nullable(),
  passed: z.array(passedStageSchema),
});

/** What a rollout remembers between its moves. */
export type RolloutState = z.output<typeof rolloutStateSchema>;

export function readRolloutState(data: Json): RolloutState {
  if (data !== null) return rolloutStateSchema.parse(data);
  return { stage: 0, status: 'before', enteredAtMs: 0, enteredPlanMs: 0, heldFor: null, passed: [] };
}
