import { isDeepStrictEqual } from 'node:util';
import type { JournalEntry } from '@crossfade/engine';
import { nameOf, type Milestone, type Place } from './milestones.ts';

/** A write of a controller, as it was about to reach the server. */
export interface ObservedWrite {
  /** Of the newest entry that the journal had then; 0 for none. */
  readonly seq: number;
  /** By a clock that never jumps. */
  readonly atMs: number;
}

/** Where counting begins, and how far it goes. */
type Counted = Pick<Place, 'writes'> & { readonly milestone: Milestone | null };

/** Whether the journal's event is that milestone. */
export function isMilestone({ event }: JournalEntry, milestone: Milestone): boolean {
  return isDeepStrictEqual({ ...event, ...milestone }, event);
}

/**
 * Those of a run's writes, from the first of the places on, that no accident at one of the places can hit: they lie too far after
 * the last one. Empty when all can be.
 * @param renewalMs how often the lease is renewed: a machine that is slow once is not to blame for more of these.
 */
export function writesOutOfReach(
  run: { readonly writes: readonly ObservedWrite[]; readonly entries: readonly JournalEntry[] },
  places: readonly Counted[],
  renewalMs: number,
): readonly string[] {
  const counts = places.flatMap((place) => countFrom(run, place) ?? []);
  return run.writes.flatMap((write) => {
    const near = counts.flatMap(({ place, first, seq }) => {
      if (write.seq < seq) return [];
      const ordinal = run.writes.filter((one) => one.seq >= seq && one.atMs <= write.atMs).length;
      const renewals = Math.ceil((write.atMs - first.atMs) / renewalMs);
      return [{ name: nameOf(place.milestone), ordinal, isReached: ordinal - renewals <= place.writes }];
    });
    const nearest = near.at(-1);
    if (!nearest || near.some(({ isReached }) => isReached)) return [];
    return [`write ${nearest.ordinal} after ${nearest.name}`];
  });
}

function countFrom(
  {
    writes,
    entries,
  }: { readonly writes: readonly ObservedWrite[]; readonly entries: readonly JournalEntry[] },
  place: Counted,
): { readonly place: Counted; readonly first: ObservedWrite; readonly seq: number } | undefined {
  const { milestone } = place;
  const seq = milestone ? entries.find((entry) => isMilestone(entry, milestone))?.seq : 0;
  const first = seq === undefined ? undefined : writes.find((write) => write.seq >= seq);
  return seq === undefined || !first ? undefined : { place, first, seq };
}
