import type { StepType } from '@crossfade/engine';
import { backfillStep } from './backfill/definition.ts';
import { checkStep } from './check/definition.ts';
import { contractStep } from './contract/definition.ts';
import type { Explains } from './explains.ts';
import { notifyStep } from './notify/definition.ts';
import { reshapeStep } from './reshape/definition.ts';
import { rolloutStep } from './rollout/definition.ts';
import { schemaStep } from './schema/definition.ts';
import type { SetsParameters } from './sets-parameters.ts';
import type { SharesGroups } from './shares-groups.ts';
import { waitStep } from './wait/definition.ts';
import { warmStep } from './warm/definition.ts';

/** Every step type that a plan may name. */
export const stepCatalog: Readonly<
  Record<
    string,
    StepType<unknown> & Partial<SetsParameters<unknown> & SharesGroups<unknown> & Explains<unknown>>
  >
> = {
  backfill: backfillStep,
  check: checkStep,
  contract: contractStep,
  notify: notifyStep,
  reshape: reshapeStep,
  rollout: rolloutStep,
  schema: schemaStep,
  wait: waitStep,
  warm: warmStep,
};
