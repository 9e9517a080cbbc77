import type { ParameterValue } from '@crossfade/plan';

/** What a step type has that sets parameters of the plan. */
export interface SetsParameters<Config> {
  parameterValues(config: Config): readonly ParameterValue[];
}
