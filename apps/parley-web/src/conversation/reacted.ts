import type { Reaction } from '../api/types.ts';

/** What reactions become when this person joins in, or takes theirs back. */
export function reacted(reactions: readonly Reaction[], emoji: string, on: boolean): Reaction[] {
  const known = reactions.find((one) => one.emoji === emoji);
  if (known === undefined) return on ? [...reactions, { emoji, count: 1, mine: true }] : [...reactions];
  if (known.mine === on) return [...reactions];
  const count = known.count + (on ? 1 : -1);
  const others = reactions.map((one) => (one.emoji === emoji ? { emoji, count, mine: on } : one));
  return others.filter((one) => one.count > 0);
}
