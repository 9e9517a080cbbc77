import type { JournalState } from '@crossfade/engine';
import type { FlagPlan } from '@crossfade/flags';
import type { Plan } from '@crossfade/plan';

/**
 * What the application's flags say in this state. Before a run, after it was taken back, and from the moment an operator
 * asks for that: everything off and every parameter at its default, which is the application as it was before the plan.
 */
export function flagPlanOf(plan: Plan, { run, killedFlags }: JournalState): FlagPlan {
  const live = run?.rollback?.requested ? null : run;
  return {
    seed: plan.name,
    flags: Object.keys(plan.flags).map((key) => ({
      key,
      killed: killedFlags.includes(key),
      audiences: live?.exposures[key] ?? [],
    })),
    parameters: Object.entries(plan.parameters).map(([key, declaration]) => ({
      key,
      value: live?.parameters[key] ?? declaration.default,
    })),
  };
}
