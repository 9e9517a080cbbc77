import { expect, test } from 'vitest';
import { reasonOf } from './reason-of.ts';

test.each([
  [new Error('no such host'), 'no such host'],
  [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [new RangeError(''), 'RangeError'],
  ['thrown by somebody', 'thrown by somebody'],
])('%s is told as %s', (error, told) => {
  expect(reasonOf(error)).toBe(told);
});
