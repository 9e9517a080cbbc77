import { bucketCount, bucketsOf } from './flag-plan.ts';
import type { FlagAudience, FlagOverrides } from './flag-plan.ts';

/** JSON Logic as flagd reads it. */
export type Rule = string | number | boolean | readonly Rule[] | { readonly [operator: string]: Rule };

/**
 * The rule that is "on" for the union of these, but for those with an override; undefined for nobody.
 *
 * Every audience cuts the same line of buckets from its beginning. So whoever is in several belongs to the longest cut,
 * which is why the largest percentage is asked first; and nobody falls out when a percentage grows or an audience is
 * added. Who is held back stands at the line's end, and so never in anybody's cut of the same audience.
 */
export function targetingOf(
  seed: string,
  shares: readonly Share[],
  overrides: FlagOverrides = { on: [], off: [] },
): Rule | undefined {
  // A flag that is open to nobody is so for a reason: what it needs may not be there yet, or not any more.
  if (shares.length === 0) return undefined;
  const branches = overrideBranches(overrides);
  for (const share of shares) {
    const rule = shareRule(seed, share);
    if (share.segment !== null) branches.push({ in: [share.segment, { var: 'segments' }] }, rule);
    else if (branches.length > 0) branches.push(rule);
    // flagd takes only an operator as the outermost rule, never a mere variant.
    else return typeof rule === 'string' ? { if: [true, rule] } : rule;
  }
  // Without a last "else" flagd answers with the default variant, which is "off".
  return { if: branches };
}

/** An audience that adds somebody to the others. */
export interface Share extends FlagAudience {
  readonly holdBack: number;
}

/** The same people said in one way only, so that equal meaning gives equal documents: largest first, everybody last. */
export function sharesOf(audiences: readonly FlagAudience[]): readonly Share[] {
  const shares = new Map<string | null, Share>();
  for (const { segment, percentage, holdBack = 0 } of audiences) {
    const before = shares.get(segment);
    // Who is let in by one of them is not held back by the other.
    const joined = { percentage: Math.max(percentage, before?.percentage ?? 0) };
    shares.set(segment, { segment, ...joined, holdBack: Math.min(holdBack, before?.holdBack ?? holdBack) });
  }
  const everybody = shares.get(null)?.percentage ?? 0;
  return [...shares.values()]
    .filter(({ segment, percentage }) => percentage > (segment === null ? 0 : everybody))
    .toSorted((a, b) => b.percentage - a.percentage || compareText(String(a.segment), String(b.segment)));
}

function overrideBranches({ on, off }: FlagOverrides): Rule[] {
  const branches: Rule[] = [];
  const isOneOf = (people: readonly string[]): Rule => ({
    in: [{ var: 'targetingKey' }, people.toSorted(compareText)],
  });
  if (off.length > 0) branches.push(isOneOf(off), 'off');
  if (on.length > 0) branches.push(isOneOf(on), 'on');
  return branches;
}

function shareRule(seed: string, { percentage, holdBack }: Share): Rule {
  if (percentage === 100) return 'on';
  const on = bucketsOf(percentage);
  const control = bucketsOf(holdBack);
  const weights: readonly (readonly [string, number])[] = [
    ['on', on],
    ['off', bucketCount - on - control],
    ['control', control],
  ];
  const shares = weights.filter(([, weight]) => weight > 0);
  return { fractional: [{ cat: [`${seed}:`, { var: 'targetingKey' }] }, ...shares] };
}

/** By code units: the same order on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
