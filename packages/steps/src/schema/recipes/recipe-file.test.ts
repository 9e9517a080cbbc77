import { describe, expect, it } from 'vitest';
import { lintFile } from '../lint.ts';
import { changeSchema } from './change-schema.ts';
import { recipeFile } from './recipe-file.ts';
import { recipeOf } from './recipe-of.ts';
import { imaginedTable, type TableFacts } from './table-facts.ts';

const changes: readonly object[] = [
  { add_index: { table: 't', columns: ['a', '"B"'], where: 'a > 0' } },
  { set_not_null: { table: 'app.t', column: 'a' } },
  { add_check: { table: 't', name: 'c', check: 'a > 0' } },
  { add_foreign_key: { table: 't', columns: ['a'], references: { table: 'u', columns: ['a'] } } },
  { add_unique: { table: 't', columns: ['a'] } },
  { add_column: { table: 't', column: 'c', type: 'uuid', default: 'gen_random_uuid()' } },
  { add_identity: { table: 't', column: 'a' } },
];

function partitioned(table: TableFacts): TableFacts {
  const named = (name: string) => ({ schema: 'public', name });
  return {
    ...table,
    isPartitioned: true,
    partitions: [
      { name: named('t_1'), parent: null, isPartitioned: false, isForeign: false },
      { name: named('t_2'), parent: null, isPartitioned: true, isForeign: false },
      { name: named('t_21'), parent: 1, isPartitioned: false, isForeign: false },
    ],
  };
}

describe.each([15, 17, 18])('on Postgres %i', (serverMajor) => {
  it.each(changes)('what %j becomes would pass as a file of the plan', (change) => {
    const recipe = recipeOf(changeSchema.parse(change));
    const plain = imaginedTable(recipe.table ?? { schema: null, name: 't' });
    for (const table of [plain, partitioned(plain)]) {
      const made = recipe.compile({ serverMajor, table, rewrites: null });
      if (!made.ok) continue;
      const text = `${made.apply.join(';\n')};\n-- crossfade:undo\n${made.revert.join(';\n')};`;
      const together = made.together ? { transaction: true } : {};
      expect(lintFile({ file: 'a.sql', ...together }, text), text).toEqual([]);
    }
  });
});

it.each([changes[0], changes[3], changes[4]])('%j is refused for partitions on other servers', (change) => {
  const recipe = recipeOf(changeSchema.parse(change));
  const table = partitioned(imaginedTable({ schema: null, name: 't' }));
  const partitions = table.partitions.map((partition) => ({ ...partition, isForeign: true }));
  const made = recipe.compile({ serverMajor: 15, table: { ...table, partitions }, rewrites: null });
  expect(made).toMatchObject({
    ok: false,
    reason: expect.stringContaining('t has the partition t_1 on another'),
  });
});

it('numbers its statements, those of the undo after the others', () => {
  const { apply, revert } = recipeFile({
    apply: ['select\n1', 'select 2'],
    revert: ['select 3'],
    together: true,
  });
  expect([...apply.statements, ...revert.statements].map(({ line }) => line)).toEqual([1, 2, 3]);
});

it.each(['select 1; select 2', '', 'selec 1'])('takes nothing that is not one statement: %j', (text) => {
  expect(() => recipeFile({ apply: [text], revert: [], together: true })).toThrow(text);
});
