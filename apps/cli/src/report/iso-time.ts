/** A database time (ms since 1970) as people and JSON Schema write it. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

export function isoTimeOrNull(atMs: number | null | undefined): string | null {
  return typeof atMs === 'number' ? isoTime(atMs) : null;
}
