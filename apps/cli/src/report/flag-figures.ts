import { flagPlanOf } from '@crossfade/controller';
import type { Audience, BoundPlan, JournalEntry, JournalState } from '@crossfade/engine';
import { isoTime } from './iso-time.ts';
import type { ClientLog } from './client-log.ts';
import type { Report } from './report-schema.ts';

type FlagFigures = Report['flags'][string];
type ReportedAudience = FlagFigures['audiences'][number];

/** For each flag of the plan: who has it now, how it came to that, and who of the load used it. */
export function flagFigures(
  bound: BoundPlan,
  journal: JournalState,
  ofRun: readonly JournalEntry[],
  { features }: ClientLog,
): Report['flags'] {
  const inForce = new Map(flagPlanOf(bound.plan, journal).flags.map((flag) => [flag.key, flag]));
  const figures: Report['flags'] = {};
  for (const flag of Object.keys(bound.plan.flags)) {
    const found = journal.run?.inherited.exposures[flag]?.audiences ?? [];
    figures[flag] = {
      audiences: (inForce.get(flag)?.audiences ?? []).map(plain),
      killed: journal.killedFlags.includes(flag),
      history: historyOf(flag, ofRun, found),
      shownTo: features[flag]?.shown ?? null,
      usedBy: features[flag]?.used ?? null,
    };
  }
  return figures;
}

/** What the run has opened; when it is taken back, from the moment that was asked for, the flag is as the run `found` it. */
function historyOf(
  flag: string,
  entries: readonly JournalEntry[],
  found: readonly Audience[],
): FlagFigures['history'] {
  const history: FlagFigures['history'] = [];
  let takenBack = false;
  for (const { event, atMs } of entries) {
    const at = isoTime(atMs);
    if (event.type === 'exposure.changed' && event.flag === flag) {
      history.push({ at, audiences: event.audiences.map(plain), reason: event.reason });
    }
    const isTakenBack = event.type === 'rollback.requested' || event.type === 'rollback.started';
    if (isTakenBack && !takenBack) {
      if (history.length > 0) history.push({ at, audiences: found.map(plain), reason: event.reason });
      takenBack = true;
    }
  }
  return history;
}

function plain({ segment, percentage, holdBack = 0 }: Audience): ReportedAudience {
  return holdBack > 0 ? { segment, percentage, holdBack } : { segment, percentage };
}
