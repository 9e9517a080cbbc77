import { lineWidth, visibleLength, wrapText } from './wrap-text.ts';

const narrowest = 24;
const gap = 2;

/**
 * Rows in columns as wide as their widest cell, without a blank at the end. With a width the widest column is wrapped: a row
 * is then several lines. Where a column has no room for its words they come below the others.
 */
export function columns(rows: readonly (readonly string[])[], width = lineWidth()): string[] {
  const natural = widthsOf(rows);
  const overflow = width === undefined ? 0 : sum(natural) - width;
  if (width === undefined || overflow <= 0) return rows.map((row) => inColumns(row, natural));
  const index = natural.indexOf(Math.max(...natural));
  const isLast = index === natural.length - 1;
  const room = (natural[index] ?? 0) - overflow;
  if (isLast || room < narrowest) return rows.flatMap((row) => lastWrapped(row, natural, width));
  const widths = natural.with(index, room);
  return rows.flatMap((row) => wrapped(row, widths, index));
}

/** Of each column with the gap behind it; the last one has none. */
function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      const behind = index === row.length - 1 ? 0 : gap;
      widths[index] = Math.max(widths[index] ?? 0, visibleLength(cell) + behind);
    }
  }
  return widths;
}

function lastWrapped(row: readonly string[], widths: readonly number[], width: number): string[] {
  const before = row.slice(0, -1);
  const last = row.at(-1) ?? '';
  const room = width - sum(widths.slice(0, -1));
  if (room >= narrowest && longestWord(last) <= room)
    return wrapped(row, [...widths.slice(0, -1), room], before.length);
  if (room >= visibleLength(last)) return [inColumns(row, widths)];
  return [inColumns(before, widths), ...wrapText(last, width - 4).map((line) => `    ${line}`)];
}

/** The cell at `index` in as many lines as it needs, the others beside its first one. */
function wrapped(row: readonly string[], widths: readonly number[], index: number): string[] {
  const behind = index === widths.length - 1 ? 0 : gap;
  const parts = wrapText(row[index] ?? '', (widths[index] ?? 0) - behind);
  const blank = row.map(() => '');
  return parts.map((part, line) => inColumns((line === 0 ? row : blank).with(index, part), widths));
}

function inColumns(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - visibleLength(cell))))
    .join('')
    .trimEnd();
}

function longestWord(text: string): number {
  return Math.max(...text.split(' ').map(visibleLength));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
