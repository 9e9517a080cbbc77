import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { differences } from './compare-states.ts';
import { durationText } from './duration-text.ts';
import { FullSize } from './full-size.ts';
import { keepsOutOf, modeText } from './lock-effects.ts';
import { placeOfStatement } from './place-of-statement.ts';
import { rehearsalText } from './rehearsal-text.ts';
import type { Rehearsal } from './rehearsal-schema.ts';
import { sampleOption } from './sample-option.ts';

describe('what is told of a rehearsal', () => {
  it.each([
    ['AccessExclusiveLock', 'ACCESS EXCLUSIVE', 'everybody'],
    ['ShareRowExclusiveLock', 'SHARE ROW EXCLUSIVE', 'writers'],
    ['ShareLock', 'SHARE', 'writers'],
    ['RowExclusiveLock', 'ROW EXCLUSIVE', 'writers of the same rows'],
    ['ShareUpdateExclusiveLock', 'SHARE UPDATE EXCLUSIVE', 'schema changes'],
    ['SomeLockOfTheFuture', 'SOME LOCK OF THE FUTURE', 'everybody'],
  ])('%s is %s, and keeps out %s', (mode, text, keepsOut) => {
    expect([modeText(mode), keepsOutOf(mode)]).toEqual([text, keepsOut]);
  });

  it.each([
    [0.43, '0.4 ms'],
    [9.97, '10 ms'],
    [87.4, '87 ms'],
    [999.7, '1.0 s'],
    [99_949, '99.9 s'],
    [99_951, '2 min'],
    [14 * 60_000, '14 min'],
    [3.5 * 3_600_000, '3.5 h'],
  ])('%d ms is %s', (value, text) => {
    expect(durationText(value)).toBe(text);
  });

  it('a statement is found in the section of its direction', () => {
    const files = { 'sql/1.sql': 'select 1;\n\nselect 2;\n-- crossfade:undo\nselect 2;\n' };
    const place = (text: string, direction: 'forward' | 'undo') =>
      placeOfStatement(text, ['sql/1.sql'], files, direction)?.line;
    expect([place('select 2', 'forward'), place('select 2', 'undo'), place('select 3', 'undo')]).toEqual([
      3,
      5,
      undefined,
    ]);
  });

  it('what grows with the rows is scaled by the largest table, a change of the catalog alone is not', () => {
    const size = new FullSize([
      { table: 'small', rows: 10, fullRows: 10 },
      { table: 'large', rows: 100, fullRows: 2_000 },
    ]);
    expect(size.scaledMs('create index on large (a)', ['large', 'small'], 3)).toBe(60);
    expect(size.scaledMs('alter table large add column a int', ['large'], 3)).toBe(3);
    expect(size.scaledMs('alter table large add column a int default random()', ['large'], 400)).toBe(8_000);
    expect(size.scaledMs('create index on other (a)', ['other'], 3)).toBe(3);
  });

  it('what an undo left, took along or changed is named', () => {
    const before = { digest: '', objects: { a: '1', b: '2', c: '3' }, rows: { t: 1, u: 2 } };
    const after = { digest: '', objects: { a: '1', c: '4', d: '5' }, rows: { t: 2 } };
    expect(differences(before, after)).toEqual([
      { object: 'b', before: '2', after: null },
      { object: 'c', before: '3', after: '4' },
      { object: 'd', before: null, after: '5' },
      { object: 'rows t', before: '1', after: '2' },
    ]);
  });

  it('what was said about an object is told where the object itself is still there', () => {
    const before = {
      digest: '',
      objects: { 'index a': '1', 'comment on index a': 'x', 'index b': '2', 'comment on index b': 'y' },
      rows: {},
    };
    expect(differences(before, { digest: '', objects: { 'index a': '1' }, rows: {} })).toEqual([
      { object: 'comment on index a', before: 'x', after: null },
      { object: 'index b', before: '2', after: null },
    ]);
  });

  it.each(['0%', '100%', '-1', '1.5', 'half', '', '10 %'])('--sample %s is refused', (text) => {
    expect(() => sampleOption(text)).toThrow('--sample');
  });

  it('an estimate is called one', () => {
    const lock = {
      table: 'people',
      index: null,
      mode: 'SHARE',
      keepsOut: 'writers',
      heldMs: 20,
      fullHeldMs: 200,
      times: 1,
      covered: false,
    } as const;
    const statement = {
      file: 'sql/1.sql',
      line: 3,
      text: 'create index',
      times: 1,
      tookMs: 20,
      locks: [lock],
    };
    const part = {
      step: 'index',
      type: 'schema',
      status: 'done',
      said: '',
      tookMs: 30,
      fullTookMs: 210,
      pacedMs: null,
      rows: null,
    } as const;
    const longest = {
      step: 'index',
      place: 'sql/1.sql:3',
      table: 'people',
      keepsOut: 'writers',
      fullHeldMs: 200,
    } as const;
    const rehearsal: Rehearsal = {
      version: 1,
      ok: true,
      problems: [],
      plan: 'p',
      digest: '',
      fullForwardMs: 210,
      notRehearsed: [],
      undosNotTried: ['last', 'tidy'],
      kept: null,
      copy: {
        database: 'app',
        way: 'dump',
        sourceServer: '15.1',
        server: '18.4',
        sizeBytes: 1e9,
        tookMs: 100,
        sample: '10%',
        emptyTables: ['visits_today'],
        tables: [{ table: 'people', rows: 10, fullRows: 100 }],
      },
      passes: [
        { direction: 'forward', tookMs: 30, steps: [{ ...part, statements: [statement], differs: [] }] },
      ],
      longest: { forward: longest, undo: null },
    };
    expect(rehearsalText(rehearsal).map(stripVTControlCharacters)).toMatchInlineSnapshot(`
      [
        "Rehearsal of p on a copy of "app"",
        "954 MB, a sample: 10%, copied with pg_dump in 100 ms, Postgres 18.4",
        "! The database itself runs on Postgres 15.1: there, locks and times may be others.",
        "! Unlogged, so that the copy has none of their rows: visits_today",
        "",
        "  ✔ forward  1 step  30 ms  about 210 ms for all rows",
        "",
        "Forward, writers of people are kept out for longest: 200 ms, estimated for all rows, by sql/1.sql:3",
        "Taken back, nobody is kept from reading or writing a whole table.",
        "",
        "  held   for all rows  keeps out  of table  by",
        "index 30 ms, about 210 ms for all rows",
        "  20 ms  about 200 ms  writers    people    sql/1.sql:3",
        "",
        "Held by the plan alone: on the database itself a lock may also have to wait for who is there, up to lock_timeout.",
        "",
        "Undo not tried, since a contract comes before: last, tidy",
      ]
    `);
  });
});
