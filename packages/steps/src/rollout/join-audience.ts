import type { Audience } from '@crossfade/engine';

/** Adds an audience so that nobody falls out: of two shares of one segment the larger holds both. */
export function joinAudience(audiences: readonly Audience[], added: Audience): readonly Audience[] {
  const same = audiences.find(({ segment }) => segment === added.segment);
  if (!same) return [...audiences, added];
  const joined = { segment: added.segment, percentage: Math.max(same.percentage, added.percentage) };
  return audiences.map((audience) => (audience === same ? joined : audience));
}
