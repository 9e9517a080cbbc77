import type { StepType } from '@crossfade/engine';
import { describeDurationMs } from '@crossfade/plan';
import type { SetsParameters } from '../sets-parameters.ts';
import { warmConfigSchema, type WarmConfig } from './config.ts';
import { forwardWarm, readWarmState } from './forward.ts';
import { performWarm } from './perform.ts';

export const warmStep: StepType<WarmConfig> & SetsParameters<WarmConfig> = {
  type: 'warm',
  about:
    'Raises a parameter of the application step by step in plan time, such as the share of query keys that may be cached, ' +
    'and measures at the end how often the cache helps: of the lookups that may be cached, and of all.',
  configSchema: warmConfigSchema,
  reversibility: 'reversible',
  describe: ({ parameter, start, target, increment, every }) =>
    `Raises ${parameter} from ${start} to ${target} by ${increment} every ${describeDurationMs(every)} of plan time.`,
  references: ({ parameter }) => ({ files: [], gates: [], flags: [], groups: [], parameters: [parameter] }),
  lint: () => [],
  parameterValues: ({ parameter, start, target }) => [
    { setting: 'start', parameter, value: start },
    { setting: 'target', parameter, value: target },
  ],
  watches: () => [],
  forward: forwardWarm,
  undo(view) {
    const { parameter } = view.config;
    const state = readWarmState(view);
    if (!state) return { move: 'done', summary: 'nothing to take back', facts: {} };
    if (view.parameters[parameter] === state.before) {
      return { move: 'done', summary: `${parameter} back at ${state.before}`, facts: {} };
    }
    return {
      move: 'progress',
      data: { ...state },
      note: `${parameter} back to ${state.before}`,
      changes: [{ change: 'parameter', parameter, value: state.before }],
    };
  },
  perform: performWarm,
};
