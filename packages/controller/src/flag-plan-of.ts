import { noSettings, settingsInForce, type JournalState } from '@crossfade/engine';
import type { FlagOverrides, FlagPlan } from '@crossfade/flags';
import type { Plan } from '@crossfade/plan';

/**
 * What the application's flags say in this state: what the newest run has opened, over what completed runs before it have
 * left. When it was taken back, and from the moment an operator asks for that, the application is as it was before this plan:
 * what it declares is off and at its default, unless it was left open or set by an earlier plan.
 */
export function flagPlanOf(plan: Plan, { run, killedFlags, overrides }: JournalState): FlagPlan {
  const { exposures, parameters } = run ? settingsInForce(run) : noSettings;
  // Where this plan uses a name for the other kind, what an earlier plan left under it cannot be told any more.
  const left = Object.keys(exposures).filter((key) => !Object.hasOwn(plan.parameters, key));
  const flags = new Set([...Object.keys(plan.flags), ...left]);
  const defaults = Object.entries(plan.parameters).map(([key, declared]) => [key, declared.default] as const);
  const values: Readonly<Record<string, number>> = { ...Object.fromEntries(defaults), ...parameters };
  return {
    seed: plan.name,
    flags: [...flags].map((key) => ({
      key,
      seed: exposures[key]?.seed,
      killed: killedFlags.includes(key),
      audiences: exposures[key]?.audiences ?? [],
      overrides: overridesOf(overrides[key] ?? {}),
    })),
    parameters: Object.entries(values)
      .filter(([key]) => !flags.has(key))
      .map(([key, value]) => ({ key, value })),
  };
}

function overridesOf(people: Readonly<Record<string, 'on' | 'off'>>): FlagOverrides {
  const those = (wanted: string): string[] =>
    Object.entries(people).flatMap(([person, value]) => (value === wanted ? [person] : []));
  return { on: those('on'), off: those('off') };
}
