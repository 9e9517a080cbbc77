import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { quoteName, quoteRelation, quoteText } from './quote-name.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget('');
});
afterAll(async () => await database.drop());

it.each(['messages', '_n1', 'time', 'value'])('%s stays as it is', (name) => {
  expect(quoteName(name)).toBe(name);
});

it.each(['Messages', 'my table', 'user', 'order', 'a"b', 'a.b', 'ä', 'a;b', '1st'])(
  '%s is put into quotes',
  (name) => {
    expect(quoteName(name)).toBe(`"${name.replaceAll('"', '""')}"`);
  },
);

it('means the same to the server', async () => {
  for (const name of ['time', 'user', 'a"b', 'Größe', 'interval', 'text', 'left', 'x']) {
    const { rows } = await database.connection.query(
      `select ${quoteName(name)} from (select 1 as ${quoteName(name)}) as ${quoteName(name)}`,
    );
    expect(rows).toEqual([{ [name]: 1 }]);
  }
  expect(quoteRelation({ schema: 'Old Data', name: 'messages' })).toBe('"Old Data".messages');
});

it.each(['plain', "it's", 'back\\slash', "'; drop table t; --", '\\'])('%s is a text', async (text) => {
  const { rows } = await database.connection.query(`select ${quoteText(text)} as text`);
  expect(rows).toEqual([{ text }]);
});
