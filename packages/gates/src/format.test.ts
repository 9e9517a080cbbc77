import { expect, it } from 'vitest';
import { formatCount, formatLabels, formatPercent, formatValue } from './format.ts';

it.each([
  [0, '0 %'],
  [0.0004, 'under 0.001 %'],
  [0.0249, '0.025 %'],
  [0.5, '0.5 %'],
  [1.204, '1.2 %'],
  [9.999, '10 %'],
  [12.34, '12.3 %'],
  [100, '100 %'],
])('%d percent are worded "%s"', (percent, text) => {
  expect(formatPercent(percent)).toBe(text);
});

it.each([
  [0.0842, 's', '84 ms'],
  [1, 's', '1 s'],
  [1.6449, 's', '1.64 s'],
  [0.5, '', '0.5'],
  [1_234, '', '1230'],
  [3, 'kB', '3 kB'],
])('%d in "%s" is worded "%s"', (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text);
});

it('counts as people read, and names labels as they stand in a plan', () => {
  expect([999, 1_000, 1_234_567.8].map(formatCount)).toEqual(['999', '1,000', '1,234,568']);
  expect(formatLabels({ route: 'search', outcome: 'error' })).toBe('route=search, outcome=error');
  expect(formatLabels({})).toBe('');
});
