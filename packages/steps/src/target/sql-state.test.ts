import { expect, it } from 'vitest';
import { isContention, isPermanent, messageOf, sqlStateOf } from './sql-state.ts';

const answered = (code: unknown): Error => Object.assign(new Error('answered'), { code });

it('takes only what Postgres answers with for a SQLSTATE', () => {
  expect(sqlStateOf(answered('42P01'))).toBe('42P01');
  for (const other of ['ECONNRESET', 42, undefined]) expect(sqlStateOf(answered(other))).toBeUndefined();
  for (const other of [null, undefined, 'text', new Error('plain')])
    expect(sqlStateOf(other)).toBeUndefined();
});

it.each(['55P03', '40P01', '40001'])('%s: somebody was in the way', (code) => {
  expect(isContention(answered(code))).toBe(true);
  expect(isPermanent(answered(code))).toBe(false);
});

it.each(['42601', '22P02', '23505', '0A000', '25P02'])('%s is wrong for good', (code) => {
  expect(isPermanent(answered(code))).toBe(true);
});

it.each(['08006', '25P03', '25P04', '53300', '57014', '57P01', '58030', 'XX000', 'ECONNRESET'])(
  '%s may pass',
  (code) => {
    expect(isPermanent(answered(code))).toBe(false);
    expect(isContention(answered(code))).toBe(false);
  },
);

it('words whatever was thrown', () => {
  expect(messageOf(new Error('disk full'))).toBe('disk full');
  expect(messageOf('disk full')).toBe('disk full');
});
