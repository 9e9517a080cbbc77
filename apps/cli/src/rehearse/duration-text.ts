/** "0.4 ms", "87 ms", "2.3 s", "14 min", "3.5 h": as exactly as somebody wants to know it. */
export function durationText(durationMs: number): string {
  if (durationMs < 9.95) return `${durationMs.toFixed(1)} ms`;
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  const seconds = durationMs / 1_000;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const minutes = seconds / 60;
  return minutes < 99.5 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}
