import { flagPlanOf } from '@crossfade/controller';
import type { Audience, BoundPlan, JournalState } from '@crossfade/engine';
import { compileFlagDocument, createFlagEvaluator, type FlagExposure, type FlagPlan } from '@crossfade/flags';
import { joinAudience, plannedRollout } from '@crossfade/steps';

/** Who is in each segment of the plan, and in those that earlier plans have left flags open to, by targeting key. */
export type Members = ReadonlyMap<string, ReadonlySet<string>>;

export interface PreviewedStage {
  readonly step: string;
  readonly group: string;
  readonly audience: Audience;
  readonly flags: readonly PreviewedFlag[];
}

export interface PreviewedFlag {
  readonly flag: string;
  /** Switched off by an operator: nobody has it, whatever the stage says. */
  readonly killed: boolean;
  /** Of the people in these segments: who has it once the stage is open. */
  readonly on: readonly string[];
  /** Of these, who has it not before. */
  readonly added: readonly string[];
  readonly heldBack: readonly string[];
}

/**
 * What each stage of the plan's rollouts will do, one after the other, beginning with what people have now. Every person is
 * answered by the document that the stage would publish, so that it cannot be told otherwise than it will be.
 * @param only the rollout to be shown; the others are gone through all the same, since each begins where another ends.
 */
export function previewRollouts(
  bound: BoundPlan,
  journal: JournalState,
  members: Members,
  only: string | undefined,
): readonly PreviewedStage[] {
  const people = [...new Set([...members.values()].flatMap((keys) => [...keys]))].toSorted();
  let plan = flagPlanOf(bound.plan, journal);
  const stages: PreviewedStage[] = [];
  for (const owner of bound.steps.values()) {
    const rollout = plannedRollout(owner, bound.plan.groups);
    for (const { group, audience } of rollout?.stages ?? []) {
      const flags = rollout?.flags ?? [];
      const opened = withAudience(plan, flags, audience);
      const shown = only === undefined || only === owner.step.id;
      if (shown)
        stages.push({
          step: owner.step.id,
          group,
          audience,
          flags: compare(plan, opened, flags, members, people),
        });
      plan = opened;
    }
  }
  return stages;
}

function withAudience(plan: FlagPlan, flags: readonly string[], added: Audience): FlagPlan {
  const open = (flag: FlagExposure): FlagExposure =>
    flags.includes(flag.key) ? { ...flag, audiences: joinAudience(flag.audiences, added) } : flag;
  return { ...plan, flags: plan.flags.map(open) };
}

function compare(
  before: FlagPlan,
  after: FlagPlan,
  flags: readonly string[],
  members: Members,
  people: readonly string[],
): readonly PreviewedFlag[] {
  const [old, now] = [before, after].map((plan) =>
    createFlagEvaluator(compileFlagDocument(plan).document, members),
  );
  const variant = (evaluator: typeof now, flag: string, targetingKey: string): string | undefined =>
    evaluator?.evaluate(flag, { targetingKey }).variant;
  return flags.map((flag) => {
    const on = people.filter((person) => variant(now, flag, person) === 'on');
    return {
      flag,
      killed: after.flags.some(({ key, killed }) => key === flag && killed),
      on,
      added: on.filter((person) => variant(old, flag, person) !== 'on'),
      heldBack: people.filter((person) => variant(now, flag, person) === 'control'),
    };
  });
}
