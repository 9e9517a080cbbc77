import type { FlagSettings, RunState, SeededExposure } from './state.ts';

export const noSettings: FlagSettings = { exposures: {}, parameters: {} };

/**
 * What people have while this is the newest run: what it has opened, over what completed runs before it have left. From the
 * moment its roll-back is asked for, only the latter. A flag that was open before keeps its seed, so that nobody falls out.
 */
export function settingsInForce(run: RunState): FlagSettings {
  const { inherited, rollback, start } = run;
  if (rollback) return inherited;
  const exposures: Record<string, SeededExposure> = { ...inherited.exposures };
  for (const [flag, audiences] of Object.entries(run.exposures)) {
    exposures[flag] = { seed: inherited.exposures[flag]?.seed ?? start.plan, audiences };
  }
  return { exposures, parameters: { ...inherited.parameters, ...run.parameters } };
}

/** What the next run finds: a run that was not completed leaves what it found itself. */
export function settingsLeftBy(run: RunState): FlagSettings {
  if (run.status !== 'completed') return run.inherited;
  const { exposures, parameters } = settingsInForce(run);
  const open = Object.entries(exposures).filter(([, { audiences }]) => audiences.length > 0);
  return { exposures: Object.fromEntries(open), parameters };
}
