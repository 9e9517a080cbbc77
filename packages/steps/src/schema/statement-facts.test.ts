import { expect, it } from 'vitest';
import { onlyStatement as only } from '../testing/only-statement.ts';
import { concurrentIndexOf, isConcurrentDrop, relationsIn } from './statement-facts.ts';

it('knows an index that is built concurrently by its name and its table', () => {
  expect(concurrentIndexOf(only('create index concurrently i on app.t (n)'))).toEqual({
    name: 'i',
    table: { schema: 'app', name: 't' },
    mayBeThere: false,
  });
  expect(concurrentIndexOf(only('create index concurrently if not exists i on t (n)'))).toMatchObject({
    mayBeThere: true,
  });
  expect(concurrentIndexOf(only('create index concurrently i on t (n)'))?.table).toEqual({
    schema: null,
    name: 't',
  });
  expect(concurrentIndexOf(only('create index i on t (n)'))).toBeUndefined();
  expect(concurrentIndexOf(only('create index concurrently on t (n)'))).toBeUndefined();
});

it('tells a concurrent drop from others', () => {
  expect(isConcurrentDrop(only('drop index concurrently i'))).toBe(true);
  expect(isConcurrentDrop(only('drop index i'))).toBe(false);
  expect(isConcurrentDrop(only('select 1'))).toBe(false);
});

it.each([
  ['alter table app.t add column n int', [{ schema: 'app', name: 't' }]],
  ['drop table app.t', [{ schema: 'app', name: 't' }]],
  ['drop trigger a on t', [{ schema: null, name: 't' }]],
  ['drop policy a on app.t', [{ schema: 'app', name: 't' }]],
  ['drop function f()', []],
  ['drop type mood', []],
])('%s names the relations %j', (sql, relations) => {
  expect(relationsIn(only(sql))).toEqual(relations);
});
