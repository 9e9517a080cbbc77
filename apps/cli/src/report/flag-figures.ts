import type { Audience, BoundPlan, JournalEntry } from '@crossfade/engine';
import { isoTime } from './iso-time.ts';
import type { ClientLog } from './client-log.ts';
import type { Report } from './report-schema.ts';

type FlagFigures = Report['flags'][string];

/** For each flag of the plan: who has it now, how it came to that, and who of the load used it. */
export function flagFigures(
  bound: BoundPlan,
  all: readonly JournalEntry[],
  ofRun: readonly JournalEntry[],
  { features }: ClientLog,
): Report['flags'] {
  const figures: Report['flags'] = {};
  for (const flag of Object.keys(bound.plan.flags)) {
    const history = historyOf(flag, ofRun);
    figures[flag] = {
      audiences: history.at(-1)?.audiences ?? [],
      killed: isKilled(flag, all),
      history,
      shownTo: features[flag]?.shown ?? null,
      usedBy: features[flag]?.used ?? null,
    };
  }
  return figures;
}

function historyOf(flag: string, entries: readonly JournalEntry[]): FlagFigures['history'] {
  const history: FlagFigures['history'] = [];
  for (const { event, atMs } of entries) {
    if (event.type === 'exposure.changed' && event.flag === flag) {
      history.push({ at: isoTime(atMs), audiences: event.audiences.map(plain), reason: event.reason });
    }
    if (event.type === 'rollback.started')
      history.push({ at: isoTime(atMs), audiences: [], reason: event.reason });
  }
  return history;
}

function plain({ segment, percentage }: Audience): Audience {
  return { segment, percentage };
}

function isKilled(flag: string, entries: readonly JournalEntry[]): boolean {
  const last = entries.findLast(
    ({ event }) => (event.type === 'flag.killed' || event.type === 'flag.enabled') && event.flag === flag,
  );
  return last?.event.type === 'flag.killed';
}
