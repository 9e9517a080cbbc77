import { expect, it } from 'vitest';
import { errorLine } from './error-line.ts';

const refused = new Error('connect ECONNREFUSED ::1:5432');

it.each([
  ['words', 'words'],
  [new Error('no day', { cause: refused }), 'no day: connect ECONNREFUSED ::1:5432'],
  [new Error(`no day: ${String(refused)}`, { cause: refused }), `no day: ${String(refused)}`],
  [new AggregateError([refused, new Error('another')]), `${refused.message}; another`],
  [new Error('Unexpected token "\u001b[31m\r\n\u202Ered"'), 'Unexpected token " [31m red"'],
])('says everything once, on one line: %#', (error, line) => {
  expect(errorLine(error)).toBe(line);
});
