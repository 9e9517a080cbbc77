import { expect, it } from 'vitest';
import { readMigrationFile, readSections } from './migration-file.ts';

const config = { file: 'sql/a.sql' };
const read = (sql: string, settings: { transaction?: boolean } = {}) =>
  readMigrationFile({ ...config, ...settings }, { 'sql/a.sql': sql });

it.each([
  ['create tabel t ();\n-- crossfade:undo\nselect 1;', 'sql/a.sql:1:8: syntax error at or near "tabel"'],
  ['select 1;', 'sql/a.sql: the undo section is missing or not SQL'],
  ['select 1;\n-- crossfade:undo\ndrop tabel t;', 'sql/a.sql: the undo section is missing or not SQL'],
])('refuses to carry out what validation would have refused: %s', (sql, message) => {
  expect(() => read(sql)).toThrow(message);
});

it('names a file that the plan does not have', () => {
  expect(() => readMigrationFile(config, {})).toThrow('the plan has no file sql/a.sql');
});

it('applies together what can be, unless the plan says otherwise', () => {
  const sql = 'create table t (n int);\n-- crossfade:undo\ndrop index concurrently if exists i;';
  expect(read(sql).apply.together).toBe(true);
  expect(read(sql).revert.together).toBe(false);
  expect(read(sql, { transaction: false }).apply.together).toBe(false);
});

it.each(['-- crossfade:undo', '  --crossfade:undo  ', '\t-- \tcrossfade:undo\r'])(
  'finds the undo after the line %j, and counts lines of the file',
  (marker) => {
    const { apply, revert } = readSections(`select 1;\n${marker}\nselect 2;\nselect 3;`);
    expect(apply.ok && apply.statements.map(({ text }) => text)).toEqual(['select 1']);
    expect(revert?.ok && revert.statements.map(({ line }) => line)).toEqual([3, 4]);
  },
);

it('takes a line that only mentions the marker for a comment', () => {
  expect(readSections('select 1; -- see crossfade:undo').revert).toBeUndefined();
});
