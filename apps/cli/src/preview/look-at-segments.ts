import { flagPlanOf } from '@crossfade/controller';
import type { BoundPlan, ControlStore, JournalState, Target } from '@crossfade/engine';
import { findMembers } from '@crossfade/steps';
import { errorText } from '../error-text.ts';
import type { Members } from './preview-rollouts.ts';

export type SegmentFigures =
  | {
      readonly segment: string;
      /** Whom its SQL finds now. */
      readonly found: number;
      /** Those, and everybody whom runs have let in before. */
      readonly size: number;
      /** What Postgres expected, in the units of EXPLAIN. */
      readonly cost: number;
      readonly maxCost: number;
    }
  | { readonly segment: string; readonly problem: string };

export interface SeenSegments {
  readonly figures: readonly SegmentFigures[];
  readonly members: Members;
}

const longestLookMs = 90_000;

/**
 * Asks the application's database who is in the plan's segments, as a run would, and lets nobody in. Of segments that only an
 * earlier plan knows, and has left flags open to, the members are those who were let in.
 */
export async function lookAtSegments(
  { plan }: BoundPlan,
  journal: JournalState,
  target: Target,
  store: Pick<ControlStore, 'readSegmentMembers'>,
): Promise<SeenSegments> {
  const figures: SegmentFigures[] = [];
  const members = new Map<string, ReadonlySet<string>>();
  const audiences = flagPlanOf(plan, journal).flags.flatMap((flag) => flag.audiences);
  for (const id of new Set(audiences.flatMap(({ segment }) => segment ?? []))) {
    members.set(id, new Set(await store.readSegmentMembers(id)));
  }
  for (const [id, segment] of Object.entries(plan.segments)) {
    const before = await store.readSegmentMembers(id);
    try {
      const options = { applicationName: 'crossfade/preview', signal: AbortSignal.timeout(longestLookMs) };
      const { keys, cost } = await target.withConnection(
        options,
        async (connection) => await findMembers(connection, id, segment),
      );
      const all = new Set([...before, ...keys]);
      members.set(id, all);
      figures.push({ segment: id, found: keys.size, size: all.size, cost, maxCost: segment.maxCost });
    } catch (error) {
      // The others can be shown all the same.
      members.set(id, new Set(before));
      figures.push({ segment: id, problem: errorText(error) });
    }
  }
  return { figures, members };
}
