import type { Audience } from '@crossfade/engine';

/** "75 % of everybody", "20 % of active_users": who is in, without what a larger share of everybody holds already. */
export function audienceText(audiences: readonly Audience[]): string {
  const everybody = audiences.find(({ segment }) => segment === null)?.percentage ?? 0;
  const told = audiences.filter(({ segment, percentage }) => segment === null || percentage > everybody);
  if (told.every(({ percentage }) => percentage === 0)) return 'nobody';
  if (everybody === 100) return 'everybody';
  return told.map(oneText).join(' and ');
}

function oneText({ segment, percentage, holdBack = 0 }: Audience): string {
  const heldBack = holdBack > 0 ? ` (${holdBack} % held back)` : '';
  return `${percentage} % of ${segment ?? 'everybody'}${heldBack}`;
}
