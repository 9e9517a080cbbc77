import { flagPlanOf } from '@crossfade/controller';
import type { BoundPlan, JournalState } from '@crossfade/engine';
import { audienceText } from './audience-text.ts';

/** Who has what is new, earlier plans' flags among it. */
export function exposureSentence(bound: BoundPlan, journal: JournalState): string {
  const shown = flagPlanOf(bound.plan, journal)
    .flags.filter(({ killed, audiences }) => !killed && audiences.length > 0)
    .map(({ key, audiences }) => `${key}: ${audienceText(audiences)}`);
  return shown.length === 0 ? 'Nobody sees anything new.' : `On now: ${shown.join('; ')}.`;
}
