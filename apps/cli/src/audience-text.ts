import type { Audience } from '@crossfade/engine';

/** "75 % of everybody", "20 % of active_users": who is in, without what a larger share of everybody holds already. */
export function audienceText(audiences: readonly Audience[]): string {
  const everybody = audiences.find(({ segment }) => segment === null)?.percentage ?? 0;
  const told = audiences.filter(({ segment, percentage }) => segment === null || percentage > everybody);
  if (told.every(({ percentage }) => percentage === 0)) return 'nobody';
  if (everybody === 100) return 'everybody';
  return told.map(({ segment, percentage }) => `${percentage} % of ${segment ?? 'everybody'}`).join(' and ');
}
