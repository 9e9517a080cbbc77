import type { Felt } from './felt-while.ts';

const columns: readonly (readonly [keyof Felt, string])[] = [
  ['failed', 'failed'],
  ['longestMs', 'longest ms'],
  ['p99Ms', 'p99 ms'],
  ['stalledMs', 'stalled ms'],
  ['stalledPercent', 'stalled %'],
  ['changeMs', 'change ms'],
  ['attempts', 'attempts'],
];
const nameWidth = 26;
const width = 11;

/** What people felt, for those who look on. */
export function tableRow(name: string, felt: Felt): string {
  const cells = columns.map(([key]) => felt[key].toLocaleString('en').padStart(width));
  return `${name.padEnd(nameWidth)}${cells.join('')}\n`;
}

export const tableHead = `${' '.repeat(nameWidth)}${columns.map(([, head]) => head.padStart(width)).join('')}\n`;
