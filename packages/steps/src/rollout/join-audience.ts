import type { Audience } from '@crossfade/engine';

/**
 * Adds an audience so that nobody falls out: of two shares of one segment the larger holds both, and who is let in by one of them
 * is not held back by the other.
 */
export function joinAudience(audiences: readonly Audience[], added: Audience): readonly Audience[] {
  const same = audiences.find(({ segment }) => segment === added.segment);
  if (!same) return [...audiences, added];
  const { segment } = added;
  const percentage = Math.max(same.percentage, added.percentage);
  const holdBack = Math.min(same.holdBack ?? 0, added.holdBack ?? 0);
  const joined = holdBack > 0 ? { segment, percentage, holdBack } : { segment, percentage };
  return audiences.map((audience) => (audience === same ? joined : audience));
}
