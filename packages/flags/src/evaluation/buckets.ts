import type { JsonValue } from '../canonical-json.ts';

type Variant = string | number | boolean;

/** Up to here a hash of 32 bits times the sum of the weights is exact in a double. */
const maxWeight = 2 ** 21;

/**
 * The buckets of flagd's `fractional` (its second version): each is a variant and a whole weight, 1 where there is none, and
 * a hash h falls into number (h · sum of weights) >> 32. Undefined for buckets that flagd has to judge at each evaluation.
 * What it returns takes an unsigned hash of 32 bits, and answers null where all weights are 0.
 */
export function compileBuckets(
  entries: readonly JsonValue[],
): ((hash: number) => Variant | null) | undefined {
  const variants: Variant[] = [];
  const ends: number[] = [];
  let sum = 0;
  for (const entry of entries) {
    const bucket = readBucket(entry);
    if (bucket === undefined) return undefined;
    sum += bucket.weight;
    variants.push(bucket.variant);
    ends.push(sum);
  }
  if (sum > maxWeight) return undefined;
  return (hash) => {
    const place = Math.floor((hash * sum) / 2 ** 32);
    for (let at = 0; at < ends.length; at += 1) {
      if ((ends[at] ?? 0) > place) return variants[at] ?? null;
    }
    return null;
  };
}

function readBucket(entry: JsonValue): { variant: Variant; weight: number } | undefined {
  if (!Array.isArray(entry) || entry.length === 0 || entry.length > 2) return undefined;
  const [variant, weight = 1] = entry as readonly JsonValue[];
  const isVariant =
    typeof variant === 'string' || typeof variant === 'number' || typeof variant === 'boolean';
  if (!isVariant || typeof weight !== 'number' || !Number.isInteger(weight) || weight < 0) return undefined;
  return { variant, weight };
}
