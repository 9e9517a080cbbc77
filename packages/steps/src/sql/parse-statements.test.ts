import { expect, it } from 'vitest';
import { parseStatements } from './parse-statements.ts';

it('gives each statement with its line, without comments before it and its semicolon', () => {
  const parsed = parseStatements("select 'ö; -- no comment';\n\n  select 2\n;\n-- the end");
  expect(parsed.ok && parsed.statements.map(({ text, line }) => [text, line])).toEqual([
    ["select 'ö; -- no comment'", 1],
    ['select 2', 3],
  ]);
});

it.each(['', ' \n ', '-- nothing', '/* nothing\n */ ;'])('finds no statement in %j', (sql) => {
  expect(parseStatements(sql)).toEqual({ ok: true, statements: [] });
});

it.each([
  ['select from from t', 1, 13],
  ["select 'é😀';\nselect é from from t", 2, 15],
  ['select 1;\n  /* and so on', 2, 3],
  ['/* and so on', 1, 1],
])('says where the text stops being SQL: %s', (sql, line, column) => {
  expect(parseStatements(sql)).toMatchObject({ ok: false, line, column });
});

it.each([
  ['brackets', `select ${'('.repeat(20_000)}1${')'.repeat(20_000)}`],
  ['operators', `select ${'1 + '.repeat(20_000)}1`],
])('refuses what is nested too deeply for the parser, and goes on to live: %s', (_what, sql) => {
  expect(parseStatements(sql).ok).toBe(false);
  expect(parseStatements('select 1').ok).toBe(true);
});
