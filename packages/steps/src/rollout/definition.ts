import type { StepType } from '@crossfade/engine';
import type { SharesGroups } from '../shares-groups.ts';
import { rolloutConfigSchema, type RolloutConfig, type RolloutStage } from './config.ts';
import { forwardRollout } from './forward.ts';
import { performRollout } from './perform.ts';
import { readRolloutState } from './rollout-state.ts';

export const rolloutStep: StepType<RolloutConfig> & SharesGroups<RolloutConfig> = {
  type: 'rollout',
  about:
    'Opens flags to group after group. A stage begins at its moment of the calendar, bakes in plan time, and is passed when ' +
    'all its gates have passed on what was measured since it began. A gate that goes on failing takes the run back; one that cannot ' +
    'decide holds the rollout where it is. Who has been let in stays in.',
  configSchema: rolloutConfigSchema,
  reversibility: 'reversible',
  describe: ({ flags, stages }) => `Opens ${flags.join(', ')} to ${stages.map(nameOf).join(', then ')}.`,
  references: ({ flags, stages }) => ({
    files: [],
    gates: unique(stages.flatMap(({ gates }) => gates)),
    flags,
    groups: unique(stages.map(({ group }) => group)),
    parameters: [],
  }),
  lint: lintRollout,
  groupShares: ({ stages }) =>
    stages.flatMap(({ group, percentage }, index) =>
      percentage === undefined ? [] : [{ setting: ['stages', index, 'percentage'], group, percentage }],
    ),
  watches(view) {
    const state = readRolloutState(view.data);
    if (state.status !== 'open') return [];
    const gates = view.config.stages[state.stage]?.gates ?? [];
    return gates.map((gate) => ({ gate, sinceMs: state.enteredAtMs }));
  },
  forward: forwardRollout,
  undo(view) {
    const { flags } = view.config;
    const exposed = flags.filter((flag) => (view.exposures[flag] ?? []).length > 0);
    if (exposed.length === 0)
      return { move: 'done', summary: `${flags.join(', ')} off for everybody`, facts: {} };
    return {
      move: 'progress',
      data: { ...readRolloutState(view.data), status: 'undone' },
      note: `${exposed.join(', ')} off for everybody`,
      changes: exposed.map((flag) => ({ change: 'exposure', flag, audiences: [] })),
    };
  },
  perform: performRollout,
};

function nameOf({ group, percentage }: RolloutStage): string {
  return percentage === undefined ? group : `${group} (${percentage} %)`;
}

function lintRollout({ stages, flags }: RolloutConfig): readonly string[] {
  const findings: string[] = [];
  const largest = new Map<string, number>();
  for (const [index, { group, percentage }] of stages.entries()) {
    if (percentage === undefined) continue;
    const before = largest.get(group) ?? 0;
    if (percentage < before) {
      findings.push(
        `stages[${index}].percentage: ${group} shrinks from ${before} % to ${percentage} %: who has been let in stays in`,
      );
    }
    largest.set(group, Math.max(before, percentage));
  }
  if (new Set(flags).size < flags.length) findings.push('flags: names a flag twice');
  return findings;
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
