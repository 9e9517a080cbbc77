import type { StepMove, StepType, StepView } from '@crossfade/engine';
import { z } from 'zod';
import { resultSchema } from '../backfill/definition.ts';
import { countOf, formatCount } from '../text.ts';
import type { Explains } from '../explains.ts';
import { reshapeConfigSchema, type ReshapeConfig } from './config.ts';
import { explainReshape } from './explain.ts';
import { lintReshape } from './lint.ts';
import { performReshape } from './perform.ts';

/** What is done, in this order; the step's data says which of them is under way. */
const ofColumns = ['expand', 'fill', 'verify'] as const;
/** Keys point at a table of another shape only when nobody writes the old one any more: it may lack a row. */
const ofShapes = ['expand', 'fill', 'verify'] as const;
const ofTables = ['expand', 'fill', 'link', 'verify', 'swap'] as const;

const notes = {
  expand: 'lays the new shape beside the old one',
  fill: 'fills the new shape',
  link: 'points foreign keys at the new table, too',
  verify: 'compares both shapes, row by row',
  swap: 'gives the new table its name',
} as const;

const dataSchema = z.object({
  at: z.enum(['expand', 'fill', 'link', 'verify', 'swap', 'restore']),
  rows: z.number().default(0),
  compared: z.number().default(0),
});
type Data = z.output<typeof dataSchema>;

export const reshapeStep: StepType<ReshapeConfig> & Explains<ReshapeConfig> = {
  type: 'reshape',
  about:
    'Gives a table a new shape while two releases use it: another type or meaning of a column, another name, or the whole table ' +
    'written anew. The new shape comes to stand beside the old one, with triggers that keep both equal in both directions from ' +
    'the same transaction on; the rows of the past follow in batches, every row is compared, and a table that was written anew ' +
    'takes its name under a short lock. Views give each release its own shape under one name. Taken back, the new shape goes, ' +
    'and nothing that either release has written is lost. The old shape goes in a step of type contract.',
  configSchema: reshapeConfigSchema,
  reversibility: 'reversible',
  stopsWhenPaused: true,
  describe: ({ table, columns, rewrite }) => {
    const named = columns.map(({ from, to }) =>
      from === undefined || to === undefined ? (to ?? from) : `${from} to ${to}`,
    );
    const changes = named.length === 0 ? '' : ` (${named.join(', ')})`;
    return `${rewrite ? 'Writes' : 'Reshapes'} ${table}${rewrite ? ' anew' : ''}${changes}, with both shapes equal all the time.`;
  },
  references: () => ({ files: [], gates: [], flags: [], groups: [], parameters: [] }),
  lint: lintReshape,
  watches: () => [],
  forward(view) {
    const { outcome } = view;
    const data = view.data === null ? null : dataSchema.parse(view.data);
    if (data === null) return effect({ at: 'expand', rows: 0, compared: 0 });
    if (!outcome) return effect(data);
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    return next(view, data, outcome.result);
  },
  undo(view) {
    if (view.data === null) return { move: 'done', summary: 'nothing to take back', facts: {} };
    const { outcome, config } = view;
    const data = dataSchema.parse(view.data);
    if (!outcome || data.at !== 'restore') {
      const note = `takes the new shape of ${config.table} away`;
      return { move: 'effect', kind: 'restore', input: null, data: { ...data, at: 'restore' }, note };
    }
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    return { move: 'done', summary: `${config.table} has its old shape alone`, facts: {} };
  },
  perform: performReshape,
  explain: explainReshape,
};

/** A table of another shape does not take the name while a release is there that looks for the old shape under it. */
function orderOf({ rewrite, columns }: ReshapeConfig): readonly Data['at'][] {
  if (!rewrite) return ofColumns;
  return columns.length === 0 ? ofTables : ofShapes;
}

function effect(data: Data): StepMove {
  const note = data.at === 'restore' ? '' : notes[data.at];
  return { move: 'effect', kind: data.at, input: null, data, note };
}

const comparedSchema = z.looseObject({ compared: z.number() });

function next({ config }: StepView<ReshapeConfig>, data: Data, result: unknown): StepMove {
  if (data.at === 'fill') {
    const filled = resultSchema.partial().parse(result);
    const { quarantined = 0, firstQuarantined } = filled;
    if (quarantined > 0) {
      const reason =
        `${countOf(quarantined, 'row')} of ${config.table} cannot be given the new shape ` +
        `(crossfade_ledger.quarantine has them; the first: ${firstQuarantined ?? 'unknown'})`;
      return { move: 'fail', reason };
    }
    data = { ...data, rows: filled.rows ?? 0 };
  }
  if (data.at === 'verify') data = { ...data, compared: comparedSchema.parse(result).compared };
  const order: readonly Data['at'][] = orderOf(config);
  const following = order[order.indexOf(data.at) + 1];
  if (following !== undefined) return effect({ ...data, at: following });
  const { rows, compared } = data;
  const summary = `${config.table} has both shapes: ${countOf(rows, 'row')} filled, ${formatCount(compared)} compared, all equal`;
  return { move: 'done', summary, facts: { rows, compared } };
}
