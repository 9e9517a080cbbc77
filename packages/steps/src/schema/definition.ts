import type { StepType } from '@crossfade/engine';
import { describeDurationMs } from '@crossfade/plan';
import type { Explains } from '../explains.ts';
import { foundText } from './adopt/found-text.ts';
import { schemaConfigSchema, type SchemaConfig } from './config.ts';
import { explainSchema } from './explain/explain-schema.ts';
import { lintSchema } from './lint.ts';
import { performSchema } from './perform.ts';
import { recipeOf } from './recipes/recipe-of.ts';

export const schemaStep: StepType<SchemaConfig> & Explains<SchemaConfig> = {
  type: 'schema',
  about:
    'Changes the database by an SQL file, or by a change that is said by name and becomes statements that keep nobody waiting, ' +
    'as this server understands them, with their undo. A file is applied in one transaction; people queue behind it no longer than ' +
    'lock_timeout and hold_timeout together, after which it gives way and is tried again with pauses. A file with ' +
    'CONCURRENTLY runs statement by statement, goes on at the right one after a crash, and builds an index again that was ' +
    'left invalid. What would stay on the session, such as SET, is refused: SET LOCAL is for a file in one transaction. The ' +
    'lines after "-- crossfade:undo" take it back. What is there already, with the same effect, is left to whom it belongs, also by ' +
    'the undo; what bears the name and is something else, or a file that was changed after it was applied, is refused before ' +
    'anything is done.',
  configSchema: schemaConfigSchema,
  reversibility: 'reversible',
  describe: (config) =>
    `${whatItDoes(config)}, keeping nobody waiting for longer than ${describeDurationMs(config.lock_timeout + config.hold_timeout)} at a time.`,
  references: ({ file, change }) => ({
    files: change ? [] : [file],
    gates: [],
    flags: [],
    groups: [],
    parameters: [],
  }),
  lint: lintSchema,
  watches: () => [],
  forward(view) {
    const { outcome, config } = view;
    if (!outcome)
      return {
        move: 'effect',
        kind: 'apply',
        input: null,
        data: 'applying',
        note: `applies ${config.file}`,
      };
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    const summary = `applied ${config.file}${foundText(outcome.result, 'found')}`;
    return { move: 'done', summary, facts: { applied: outcome.result } };
  },
  undo(view) {
    const { outcome, config } = view;
    // Nothing was ever asked of the database.
    if (view.data === null) return { move: 'done', summary: 'nothing to take back', facts: {} };
    if (!outcome)
      return {
        move: 'effect',
        kind: 'revert',
        input: null,
        data: 'reverting',
        note: `takes ${config.file} back`,
      };
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    const summary = whatWasTakenBack(config) + foundText(outcome.result, 'left');
    return { move: 'done', summary, facts: { reverted: outcome.result } };
  },
  perform: performSchema,
  explain: explainSchema,
};

function whatItDoes(config: SchemaConfig): string {
  if (!config.change) return `Applies ${config.file}`;
  const { does } = recipeOf(config.change);
  return does.charAt(0).toUpperCase() + does.slice(1);
}

function whatWasTakenBack(config: SchemaConfig): string {
  const stays = config.change && recipeOf(config.change).stays;
  return stays === undefined ? `took ${config.file} back` : `${config.file}: ${stays}`;
}
