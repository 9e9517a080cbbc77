export interface Bucket {
  readonly upperEdge: number;
  readonly count: number;
}

/** A quantile out of cumulative buckets, taking samples as evenly spread in theirs; null when it lies above the last edge. */
export function estimateQuantile(buckets: readonly Bucket[], quantile: number): number | null {
  const total = buckets.at(-1)?.count ?? 0;
  if (total <= 0) return null;
  const rank = total * quantile;
  let lower: Bucket = { upperEdge: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      if (!Number.isFinite(bucket.upperEdge)) return null;
      const share = (rank - lower.count) / Math.max(1, bucket.count - lower.count);
      return lower.upperEdge + (bucket.upperEdge - lower.upperEdge) * share;
    }
    lower = bucket;
  }
  return null;
}
