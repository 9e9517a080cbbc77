import type { Column } from './column-values.ts';

/** So that a batch stays within memory, whatever the plan says of its length. */
const mostBytes = 8_000_000;
const mostRows = 5_000;
const firstRows = 20;

export interface RowsInMemory {
  /** How many may be read at once now. */
  readonly most: number;
  saw(rows: readonly object[]): void;
}

/**
 * How many rows fit. Of large values the server's statistics know the width of a pointer: where there may be some (`seen`), few are
 * read at first, and then as many as fit by the bytes of those that were read, twice as many as before at most.
 */
export function rowsInMemory(all: readonly Column[], seen: readonly Column[]): RowsInMemory {
  const byStatistics = rowsOfWidth(all.reduce((sum, { averageWidth }) => sum + (averageWidth ?? 100), 0));
  let bySight = seen.every(({ isFixed }) => isFixed) ? mostRows : firstRows;
  return {
    get most() {
      return Math.min(byStatistics, bySight);
    },
    saw(rows) {
      if (rows.length === 0) return;
      const bytes = rows
        .flatMap((row) => Object.values(row))
        .reduce<number>((sum, value) => sum + bytesOf(value), 0);
      bySight = Math.min(bySight * 2, rowsOfWidth(bytes / rows.length));
    },
  };
}

function rowsOfWidth(bytes: number): number {
  return Math.max(1, Math.min(mostRows, Math.floor(mostBytes / Math.max(1, bytes))));
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  return value !== null && typeof value === 'object' ? JSON.stringify(value).length : 8;
}
