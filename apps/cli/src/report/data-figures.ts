import { stepOf, type BoundPlan, type JsonObject, type RunState, type StepState } from '@crossfade/engine';
import type { ClientLog } from './client-log.ts';
import type { Report } from './report-schema.ts';

type Backfill = Report['data']['backfills'][number];

/** What backfills did to rows, and whether every acknowledged message is still there. */
export function dataFigures(run: RunState, bound: BoundPlan, { verified }: ClientLog): Report['data'] {
  const backfills = [...bound.steps.values()]
    .filter(({ step }) => step.type === 'backfill' && isFilled(stepOf(run, step.id)))
    .map(({ step }) => backfillFigures(step.id, stepOf(run, step.id).facts, stepOf(run, step.id).summary));
  const sum = (figure: 'rows' | 'migrated' | 'skipped' | 'quarantined' | 'vanished') =>
    backfills.reduce((total, backfill) => total + backfill[figure], 0);
  // Each by itself: one backfill's surplus must not hide another one's gap.
  const unaccounted = backfills.reduce((rows, backfill) => rows + unaccountedIn(backfill), 0);
  return {
    rows: sum('rows'),
    migrated: sum('migrated'),
    skipped: sum('skipped'),
    quarantined: sum('quarantined'),
    vanished: sum('vanished'),
    lost: unaccounted + (verified ? verified.missing + verified.changed : 0),
    acknowledged: verified?.acknowledged ?? 0,
    found: verified?.found ?? 0,
    duplicated: verified?.duplicated ?? 0,
    outOfOrder: verified?.outOfOrder ?? 0,
    backfills,
  };
}

function unaccountedIn({ rows, migrated, skipped, quarantined, vanished, remaining }: Backfill): number {
  const gap = Math.abs(rows - (migrated + skipped + quarantined + vanished));
  return gap + Math.max(0, remaining - quarantined);
}

/** Also of a run that was taken back: facts stay, whatever became of the rows afterwards. */
function isFilled({ facts }: StepState): boolean {
  return 'rows' in facts;
}

function backfillFigures(step: string, facts: JsonObject, summary: string | null): Backfill {
  const figure = (name: string): number => {
    const value = facts[name];
    if (typeof value !== 'number') throw new Error(`backfill ${step} did not journal the figure "${name}"`);
    return value;
  };
  return {
    step,
    rows: figure('rows'),
    migrated: figure('migrated'),
    skipped: figure('skipped'),
    quarantined: figure('quarantined'),
    vanished: figure('vanished'),
    remaining: figure('remaining'),
    tookMs: figure('tookMs'),
    rowsPerSecond: figure('rowsPerSecond'),
    note: summary ?? '',
  };
}
