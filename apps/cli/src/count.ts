/** 12,004 */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** "1 step", "12 steps" */
export function counted(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}
