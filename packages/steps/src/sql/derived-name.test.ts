import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { derivedName } from './derived-name.ts';
import { quoteName, quoteNames } from './quote-name.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget('');
});
afterAll(async () => await database.drop());

it.each([
  ['messages', ['person_id', 'id']],
  [
    'a_table_with_a_name_that_is_quite_long_by_itself',
    ['a_column_with_a_name_that_is_even_longer_than_that'],
  ],
  ['t', ['a_column_with_a_name_that_is_as_long_as_a_name_may_be_in_pg_ok']],
  ['a_table_with_a_name_that_is_as_long_as_a_name_may_be_in_pg_oka', ['c']],
  ['Größere Ämter und äußerste Höhlenmäuse überall', ['Straßenübergänge', 'und noch ein Übel']],
])('an index on %s (%j) is named as Postgres names it, the second one too', async (table, columns) => {
  const fields = columns.map((column) => `${quoteName(column)} integer`).join(', ');
  const on = `on ${quoteName(table)} (${quoteNames(columns)})`;
  const taken = new Set<string>();
  await database.connection.query(`create table ${quoteName(table)} (${fields})`);
  for (let made = 0; made < 2; made += 1) {
    await database.connection.query(`create index ${on}`);
    const { rows } = await database.connection.query<{ name: string }>(
      `select relname as name from pg_index join pg_class on pg_class.oid = indexrelid
        where indrelid = '${quoteName(table)}'::regclass`,
    );
    const name = derivedName(table, columns, 'idx', taken);
    expect(rows.map((row) => row.name)).toContain(name);
    taken.add(name);
  }
});
