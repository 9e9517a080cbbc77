import type { Audience, BoundStep } from '@crossfade/engine';
import type { Group, PlanTime } from '@crossfade/plan';
import type { RolloutConfig, RolloutStage } from './config.ts';

export interface PlannedStage {
  readonly group: string;
  readonly audience: Audience;
  readonly at: PlanTime | null;
}

export interface PlannedRollout {
  readonly flags: readonly string[];
  readonly stages: readonly PlannedStage[];
}

/** Whom a stage lets in, with what its group says where it says nothing itself. */
export function audienceOf(group: Group, stage: RolloutStage): Audience {
  const { segment, holdBack } = group;
  const percentage = stage.percentage ?? group.percentage;
  return holdBack > 0 ? { segment, percentage, holdBack } : { segment, percentage };
}

/** What a step will open to whom; undefined for a step that is no rollout. */
export function plannedRollout(
  { step, type }: BoundStep,
  groups: Readonly<Record<string, Group>>,
): PlannedRollout | undefined {
  if (type.type !== 'rollout') return undefined;
  // A bound step's settings are what its own type's schema made of them.
  const { flags, stages } = step.config as RolloutConfig;
  const planned = stages.flatMap((stage): PlannedStage[] => {
    const group = groups[stage.group];
    if (!group) return [];
    return [{ group: stage.group, audience: audienceOf(group, stage), at: stage.at ?? group.at }];
  });
  return { flags, stages: planned };
}
