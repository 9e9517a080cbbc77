import type { StepType } from '@crossfade/engine';
import { contractConfigSchema, type ContractConfig } from './config.ts';
import { performContract } from './perform.ts';

export const contractStep: StepType<ContractConfig> = {
  type: 'contract',
  about:
    'Drops what nobody uses any more: the old shape of a step of type reshape, a column, a table. This is the point of no return. ' +
    'Both shapes are compared once more before; what else would go with it, such as an index, must be named in the plan. It ' +
    'comes right after a step with gates, all in one short transaction.',
  configSchema: contractConfigSchema,
  reversibility: 'contract',
  describe: (config) => `Drops ${whatOf(config)} for good.`,
  references: ({ of }) => ({
    files: [],
    gates: [],
    flags: [],
    groups: [],
    parameters: [],
    steps: of === undefined ? [] : [{ id: of, type: 'reshape' }],
  }),
  lint: () => [],
  watches: () => [],
  forward({ outcome, config }) {
    if (!outcome) {
      const note = `drops ${whatOf(config)} for good`;
      return { move: 'effect', kind: 'contract', input: null, data: 'contracting', note };
    }
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    return {
      move: 'done',
      summary: `dropped ${whatOf(config)} for good`,
      facts: { dropped: outcome.result },
    };
  },
  undo({ data, outcome, config }) {
    if (data === null) return { move: 'done', summary: 'nothing to take back', facts: {} };
    if (!outcome || data !== 'looking') {
      const note = `looks whether ${whatOf(config)} is there still`;
      return { move: 'effect', kind: 'look', input: null, data: 'looking', note };
    }
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    if (outcome.result === false)
      return { move: 'done', summary: `${whatOf(config)} was not dropped: nothing to take back`, facts: {} };
    const reason = `${whatOf(config)} has been dropped: what was in it cannot be brought back, and the new release must go on`;
    return { move: 'fail', reason };
  },
  perform: performContract,
};

function whatOf({ of, drop_column, drop_table }: ContractConfig): string {
  if (drop_column) return `the column ${drop_column.table}.${drop_column.column}`;
  return drop_table === undefined ? `the old shape of ${of}` : `the table ${drop_table}`;
}
