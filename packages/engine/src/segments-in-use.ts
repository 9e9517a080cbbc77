import { currentPause } from './pauses.ts';
import { settingsInForce } from './settings-in-force.ts';
import type { BoundPlan } from './bind.ts';
import type { JournalState } from './state.ts';

/**
 * The plan's segments that a flag is open to now, by name: of them it is looked now and then who has joined. None while the run is
 * paused, or when it no longer runs: then nobody is let in.
 */
export function segmentsInUse({ plan }: BoundPlan, { run }: JournalState): readonly string[] {
  if (run?.status !== 'running' || run.rollback !== null || currentPause(run)) return [];
  const audiences = Object.values(settingsInForce(run).exposures).flatMap((exposure) => exposure.audiences);
  const open = audiences.filter(({ percentage }) => percentage > 0);
  const names = new Set(open.flatMap(({ segment }) => segment ?? []));
  return [...names].filter((name) => Object.hasOwn(plan.segments, name));
}
