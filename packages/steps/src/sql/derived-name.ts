import { longestNameBytes } from './name-schemas.ts';

const encoder = new TextEncoder();
const sizeBytes = (text: string): number => encoder.encode(text).length;

/**
 * A name as Postgres makes it (`makeObjectName` in indexcmds.c): `table_columns_label`, the longer of the two parts shortened
 * until the whole fits, with a number behind it while it is taken.
 */
export function derivedName(
  table: string,
  columns: readonly string[],
  label: string,
  taken: ReadonlySet<string>,
): string {
  for (let pass = 0; ; pass += 1) {
    const name = objectName(table, columns.join('_'), pass === 0 ? label : `${label}${pass}`);
    if (!taken.has(name)) return name;
  }
}

function objectName(table: string, columns: string, label: string): string {
  const room = longestNameBytes - sizeBytes(`_${label}`) - (columns === '' ? 0 : 1);
  const parts = [Array.from(table), Array.from(columns)] as const;
  const size = (part: readonly string[]): number => sizeBytes(part.join(''));
  while (size(parts[0]) + size(parts[1]) > room) {
    const longer = size(parts[0]) > size(parts[1]) ? parts[0] : parts[1];
    longer.pop();
  }
  const told = [parts[0], parts[1]].map((part) => part.join('')).filter((part) => part !== '');
  return [...told, label].join('_');
}
