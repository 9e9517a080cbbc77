import { stepOf, type BoundPlan, type JsonObject, type RunState } from '@crossfade/engine';
import type { ClientLog } from './client-log.ts';
import type { Report } from './report-schema.ts';

type Backfill = Report['data']['backfills'][number];

/** What backfills did to rows, and whether every acknowledged message is still there. */
export function dataFigures(run: RunState, bound: BoundPlan, { verified }: ClientLog): Report['data'] {
  const backfills = [...bound.steps.values()]
    .filter(({ step }) => step.type === 'backfill' && stepOf(run, step.id).status === 'completed')
    .map(({ step }) => backfillFigures(step.id, stepOf(run, step.id).facts, stepOf(run, step.id).summary));
  const sum = (figure: 'rows' | 'migrated' | 'skipped' | 'quarantined' | 'vanished' | 'remaining') =>
    backfills.reduce((total, backfill) => total + backfill[figure], 0);
  const total = {
    rows: sum('rows'),
    migrated: sum('migrated'),
    skipped: sum('skipped'),
    quarantined: sum('quarantined'),
    vanished: sum('vanished'),
  };
  const accounted = total.migrated + total.skipped + total.quarantined + total.vanished;
  const unaccounted = Math.abs(total.rows - accounted) + Math.max(0, sum('remaining') - total.quarantined);
  return {
    ...total,
    lost: unaccounted + (verified ? verified.missing + verified.changed : 0),
    acknowledged: verified?.acknowledged ?? 0,
    found: verified?.found ?? 0,
    duplicated: verified?.duplicated ?? 0,
    outOfOrder: verified?.outOfOrder ?? 0,
    backfills,
  };
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
