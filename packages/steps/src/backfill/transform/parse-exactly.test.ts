import { expect, it } from 'vitest';
import { parseExactly } from './parse-exactly.ts';

it.each([
  '{"a":[1,-0.5,1.10,1e2,0,-0,9007199254740991,0.1,1E-7],"b":"9007199254740993"}',
  'null',
  '1e21',
  '100000',
])('%s is read', (text) => {
  expect(parseExactly('tags', text)).toEqual(JSON.parse(text));
});

it.each([
  ['[9007199254740993]', '9007199254740993', '9007199254740992'],
  ['{"a":{"b":0.10000000000000000001}}', '0.10000000000000000001', '0.1'],
  ['1e400', '1e400', 'Infinity'],
])('%s is refused: a number of JavaScript would be another one', (text, given, became) => {
  expect(() => parseExactly('tags', text)).toThrow(`tags: the number ${given} in it would become ${became}`);
});
