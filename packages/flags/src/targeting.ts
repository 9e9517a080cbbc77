import { bucketCount, bucketsOf } from './flag-plan.ts';
import type { FlagAudience } from './flag-plan.ts';

/** JSON Logic as flagd reads it. */
export type Rule = string | number | boolean | readonly Rule[] | { readonly [operator: string]: Rule };

/**
 * The rule that is "on" for the union of some audiences; undefined for nobody.
 *
 * Every audience cuts the same line of buckets from its beginning. So whoever is in several belongs to the longest cut,
 * which is why the largest percentage is asked first; and nobody falls out when a percentage grows or an audience is
 * added.
 */
export function targetingOf(seed: string, audiences: readonly FlagAudience[]): Rule | undefined {
  const branches: Rule[] = [];
  for (const { segment, percentage } of simplify(audiences)) {
    const share = shareRule(seed, percentage);
    if (segment !== null) branches.push({ in: [segment, { var: 'segments' }] }, share);
    else if (branches.length > 0) branches.push(share);
    // flagd takes only an operator as the outermost rule, never a mere variant.
    else return percentage === 100 ? { if: [true, share] } : share;
  }
  // Without a last "else" flagd answers with the default variant, which is "off".
  return branches.length > 0 ? { if: branches } : undefined;
}

/** The same people said in one way only, so that equal meaning gives equal documents: largest first, everybody last. */
function simplify(audiences: readonly FlagAudience[]): FlagAudience[] {
  const shares = new Map<string | null, number>();
  for (const { segment, percentage } of audiences) {
    shares.set(segment, Math.max(percentage, shares.get(segment) ?? 0));
  }
  const everybody = shares.get(null) ?? 0;
  return [...shares]
    .map(([segment, percentage]) => ({ segment, percentage }))
    .filter(({ segment, percentage }) => percentage > (segment === null ? 0 : everybody))
    .toSorted((a, b) => b.percentage - a.percentage || compareText(String(a.segment), String(b.segment)));
}

function shareRule(seed: string, percentage: number): Rule {
  if (percentage === 100) return 'on';
  const on = bucketsOf(percentage);
  return {
    fractional: [{ cat: [`${seed}:`, { var: 'targetingKey' }] }, ['on', on], ['off', bucketCount - on]],
  };
}

/** By code units: the same order on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
