import { describe, expect, it } from 'vitest';
import { schemaStep } from '../definition.ts';

const problems = (settings: object): string => {
  const parsed = schemaStep.configSchema.safeParse(settings);
  return parsed.success ? schemaStep.lint(parsed.data, {}).join('\n') : parsed.error.message;
};
const change = (recipe: object): string => problems({ change: recipe });

describe('a step of type schema', () => {
  it.each([
    [{}, 'either a file of SQL or a change, and not both'],
    [
      { file: 'a.sql', change: { set_not_null: { table: 't', column: 'c' } } },
      'either a file of SQL or a change, and not both',
    ],
    [{ change: {} }, 'expected exactly one of add_index, set_not_null'],
    [
      {
        change: {
          set_not_null: { table: 't', column: 'c' },
          add_column: { table: 't', column: 'c', type: 'int' },
        },
      },
      'expected exactly one of add_index, set_not_null',
    ],
    [
      { change: { set_not_null: { table: 't', column: 'c' } }, transaction: true },
      'transaction is for a file',
    ],
  ])('%j is refused', (settings, problem) => {
    expect(problems(settings)).toContain(problem);
  });
});

describe('a change that can be known to be wrong', () => {
  const longest = 'é'.repeat(32);
  it.each([
    [{ add_index: { table: 't' } }, 'add_index: expected either columns or expressions'],
    [
      { add_index: { table: 't', columns: ['a'], expressions: ['b'] } },
      'expected either columns or expressions',
    ],
    [{ add_index: { table: 't', columns: [] } }, 'expected at least one column'],
    [{ add_index: { table: 't', columns: ['a b'] } }, 'expected a name such as person_id or'],
    [{ add_index: { table: 'a.b.c', columns: ['a'] } }, 'expected a table such as messages'],
    [{ add_index: { table: 't; drop table u', columns: ['a'] } }, 'expected a table such as messages'],
    [{ set_not_null: { table: 't', column: longest } }, 'expected a name of at most 63 bytes'],
    [{ add_index: { table: 't', expressions: ['a) where (b'] } }, 'cannot be indexed: it is more than one'],
    [{ add_index: { table: 't', expressions: ['lower(a'] } }, 'change.add_index.expressions[0]: "lower(a"'],
    [{ add_index: { table: 't', columns: ['a'], where: 'b; drop table t' } }, 'change.add_index.where'],
    [{ add_check: { table: 't', name: 'c', check: 'a >' } }, 'is not an SQL expression: syntax error'],
    [{ add_check: { table: 't', name: 'c', check: 'a) limit (1' } }, 'it holds more than one expression'],
    [{ add_check: { table: 't', name: 'c', check: 'a), drop column (b' } }, 'is not an SQL expression'],
    [{ add_check: { table: 't', name: 'c', check: 'a > 0 -- x' } }, 'it ends in a comment'],
    [
      {
        add_foreign_key: { table: 't', columns: ['a', 'b'], references: { table: 'u', columns: ['a'] } },
      },
      'change.add_foreign_key.references.columns: 1 of them, expected 2 as in columns',
    ],
    [{ add_column: { table: 't', column: 'c', type: 'int, drop column d' } }, 'it is more than one'],
    [{ add_column: { table: 't', column: 'c', type: 'int not null' } }, 'use default and not_null'],
    [{ add_column: { table: 't', column: 'c', type: 'bigserial' } }, 'writes the whole table anew'],
    [
      { add_column: { table: 't', column: 'c', type: 'int', not_null: true } },
      'rows that are there already would have no value',
    ],
    [
      { add_column: { table: 't', column: 'c', type: 'uuid', default: 'gen_random_uuid()', not_null: true } },
      'fill it with a backfill step, and then set_not_null',
    ],
    [{ add_column: { table: 't', column: 'c', type: 'int', default: '1, 2' } }, 'change.add_column.default'],
    [
      { add_enum_value: { type: 'mood', value: 'x', before: 'a', after: 'b' } },
      'expected before or after, not both',
    ],
  ])('%j', (recipe, problem) => {
    expect(change(recipe)).toContain(problem);
  });

  it.each([
    { add_index: { table: 't', expressions: ['lower(a) text_pattern_ops', 'b desc nulls last'] } },
    { add_index: { table: '"T ""1"""', columns: ['"a.b"'], method: 'gin' } },
    { add_check: { table: 'app.t', name: '"At Least"', check: `a ~ '--' and (b or c)` } },
    { add_column: { table: 't', column: 'c', type: 'numeric(10, 2)[]', default: `'{}'` } },
    { add_column: { table: 't', column: 'c', type: 'text collate "C"', default: `'x'`, not_null: true } },
    { add_column: { table: 't', column: 'c', type: 'int', default: 'of_our_own()', not_null: true } },
  ])('is not: %j', (recipe) => {
    expect(change(recipe)).toBe('');
  });
});
