/** Median, 99th percentile (nearest rank) and maximum, in ms with two decimals; NaN of nothing. */
export function latencyFigures(name: string, latenciesMs: readonly number[]): Record<string, number> {
  const sorted = Float64Array.from(latenciesMs).toSorted();
  const at = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
    return Math.round(value * 100) / 100;
  };
  return { [`${name}P50Ms`]: at(0.5), [`${name}P99Ms`]: at(0.99), [`${name}MaxMs`]: at(1) };
}
