import type { StepType } from '@crossfade/engine';
import { describeDurationMs } from '@crossfade/plan';
import { z } from 'zod';
import { backfillConfigSchema, filledColumns, type BackfillConfig } from './config.ts';
import { countOf, formatCount } from '../text.ts';
import { lintBackfill } from './lint.ts';
import { performBackfill } from './perform.ts';

/** What `runBackfill` tells. */
export const resultSchema = z.looseObject({
  rows: z.number(),
  migrated: z.number(),
  skipped: z.number(),
  quarantined: z.number(),
  vanished: z.number(),
  remaining: z.number(),
  elapsedMs: z.number(),
  rowsPerSecond: z.number(),
  effectiveRowsPerSecondLimit: z.number().nullable(),
  pace: z.string().nullable(),
  /** Rows that were compared; null where none were. Runs of before had none. */
  verified: z.number().nullish(),
  firstQuarantined: z.string().nullable(),
  slowdownCount: z.number().default(0),
  pausedMs: z.number().default(0),
});

const undoneSchema = z.looseObject({
  rows: z.number(),
  quarantined: z.number().default(0),
  firstQuarantined: z.string().nullish(),
});

export const backfillStep: StepType<BackfillConfig> = {
  type: 'backfill',
  about:
    'Fills columns of the rows that were there before, while people go on writing. Batches by key, each one transaction with ' +
    'the cursor that accounts for it; rows are locked before they are looked at, so that a user’s edit is never overwritten. ' +
    'A row that cannot be filled is set aside with its reason. It is done when a recount finds nothing else left.',
  configSchema: backfillConfigSchema,
  reversibility: 'reversible',
  stopsWhenPaused: true,
  describe: (config) => {
    const { table, pace, transform } = config;
    const pacing = pace
      ? `, at most ${pace.rows} rows every ${describeDurationMs(pace.every)} of plan time`
      : '';
    const by = transform ? ` by ${transform.file}` : '';
    return `Fills ${filledColumns(config).join(', ')} of ${table}${by}${pacing}.`;
  },
  references: ({ transform }) => ({
    files: transform ? [transform.file] : [],
    gates: [],
    flags: [],
    groups: [],
    parameters: [],
  }),
  lint: lintBackfill,
  watches: () => [],
  forward(view) {
    const { outcome, config } = view;
    if (!outcome) {
      return { move: 'effect', kind: 'fill', input: null, data: 'filling', note: `fills ${config.table}` };
    }
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    const result = resultSchema.parse(outcome.result);
    if (result.quarantined > config.tolerate) {
      return {
        move: 'fail',
        reason:
          `${countOf(result.quarantined, 'row')} of ${config.table} cannot be filled, ${config.tolerate} tolerated ` +
          `(crossfade_ledger.quarantine has them; the first: ${result.firstQuarantined ?? 'unknown'})`,
      };
    }
    const { firstQuarantined: _ofInterestOnlyInFailure, ...facts } = result;
    return {
      move: 'done',
      summary: summaryOf(config, result),
      facts: z.record(z.string(), z.json()).parse(facts),
    };
  },
  undo(view) {
    const { outcome, config } = view;
    if (view.data === null) return { move: 'done', summary: 'nothing to take back', facts: {} };
    if (config.undo === 'keep')
      return { move: 'done', summary: 'keeps what was filled, as the plan says', facts: {} };
    if (!outcome) {
      const note = `takes back what was filled of ${config.table}`;
      return { move: 'effect', kind: 'unfill', input: null, data: 'unfilling', note };
    }
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    const { rows, quarantined, firstQuarantined } = undoneSchema.parse(outcome.result);
    if (quarantined > 0) {
      const reason =
        `${countOf(quarantined, 'row')} of ${config.table} could not be taken back ` +
        `(crossfade_ledger.quarantine has them; the first: ${firstQuarantined ?? 'unknown'})`;
      return { move: 'fail', reason };
    }
    if (rows === 0) return { move: 'done', summary: 'nothing to take back', facts: {} };
    return {
      move: 'done',
      summary: `took back what was filled of ${config.table}`,
      facts: { unfilled: outcome.result },
    };
  },
  perform: performBackfill,
};

/** "filled 1,000 of 1,002 rows of messages, 2 done already, 5,000 rows/s" */
function summaryOf(config: Pick<BackfillConfig, 'table'>, result: z.output<typeof resultSchema>): string {
  const { migrated, rows, skipped, quarantined, vanished, rowsPerSecond, elapsedMs, pace, verified } = result;
  const { slowdownCount, pausedMs } = result;
  const parts = [
    `filled ${formatCount(migrated)} of ${countOf(rows, 'row')} of ${config.table}`,
    skipped > 0 ? `${formatCount(skipped)} done already` : '',
    quarantined > 0 ? `${formatCount(quarantined)} set aside` : '',
    vanished > 0 ? `${formatCount(vanished)} deleted meanwhile` : '',
    rows === 0 ? '' : `${formatCount(rowsPerSecond)} rows/s${pace === null ? '' : ' at work'}`,
    (verified ?? 0) > 0 ? 'verified' : '',
    slowdownCount > 0 ? `held up ${countOf(slowdownCount, 'time')}` : '',
    pausedMs >= 1_000 ? `paused for ${describeDurationMs(pausedMs)}` : '',
  ];
  const done = parts.filter((part) => part !== '').join(', ');
  // What it does at work and what the pace let it do are two things: the time it took shows which of them held.
  return pace === null ? done : `${done}, ${describeDurationMs(elapsedMs)} in all; paced at ${pace}`;
}
