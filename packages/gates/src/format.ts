/** 12,004 */
export function formatCount(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** "1.2 %", "0.025 %": enough digits to tell small shares apart, and no more. */
export function formatPercent(percent: number): string {
  if (percent === 0) return '0 %';
  const digits = percent >= 10 ? 1 : percent >= 1 ? 2 : 3;
  const text = percent.toFixed(digits).replace(/\.?0+$/, '');
  return text === '0' ? 'under 0.001 %' : `${text} %`;
}

/** "84 ms" or "1.6 s" for seconds; other units as they are. */
export function formatValue(value: number, unit: string): string {
  if (unit === 's' && value < 1) return `${Math.round(value * 1_000)} ms`;
  return `${Number(value.toPrecision(3))}${unit === '' ? '' : ` ${unit}`}`;
}

export function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(', ');
}
