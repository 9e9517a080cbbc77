import { expect, it } from 'vitest';
import { theRow } from './the-row.ts';

it('is the only row', () => {
  expect(theRow([{ n: 1 }])).toEqual({ n: 1 });
});

it.each([[[]], [[{ n: 1 }, { n: 2 }]]])('is not to be had from %j', (rows) => {
  expect(() => theRow(rows)).toThrow(`the database sent ${rows.length} rows: expected one`);
});
