import { describe, expect, it } from 'vitest';
import { backfillStep } from './definition.ts';

const settings = {
  table: 'messages',
  key: 'id',
  set: { copy: 'upper(body)' },
  where: 'copy is null',
  dual_write: 'trigger',
  undo: { set: { copy: 'null' } },
};
const parse = (changes: object = {}) => backfillStep.configSchema.parse({ ...settings, ...changes });

describe('what is known to be wrong with a backfill before it runs', () => {
  it('is nothing, for a sound one', () => {
    expect(backfillStep.lint(parse(), {})).toEqual([]);
  });

  it.each([
    [
      { where: 'copy is nul' },
      'where: "copy is nul" is not an SQL expression: syntax error at or near "nul"',
    ],
    [{ where: 'true) or (true' }, ''],
    [{ where: 'true); drop table messages; select (true' }, 'it holds more than one expression'],
    [{ set: { copy: '1) from messages where (true' } }, 'it holds more than one expression'],
    [{ undo: { set: { copy: 'upper(' } } }, 'undo.set.copy: "upper(" is not an SQL expression'],
    [{ set: { id: 'id' } }, 'id is the key'],
  ])('%o', (changes, finding) => {
    expect(backfillStep.lint(parse(changes), {}).join('\n')).toContain(finding);
  });

  it.each([
    [{ table: 'messages; drop table messages' }, 'expected a table name'],
    [{ set: { 'copy" = 1': '1' } }, 'copy'],
    [{ dual_write: undefined }, 'trigger'],
  ])('settings %o are refused', (changes, message) => {
    expect(JSON.stringify(backfillStep.configSchema.safeParse({ ...settings, ...changes }).error)).toContain(
      message,
    );
  });
});
