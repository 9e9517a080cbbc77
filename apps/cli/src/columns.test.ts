import { describe, expect, it } from 'vitest';
import { columns } from './columns.ts';

describe('columns', () => {
  const rows = [
    ['✔ completed', 'table', 'applied sql/001.sql and much more than that'],
    ['○ pending', 'open', ''],
  ];

  it('are whole lines where there is no width', () => {
    expect(columns(rows, undefined)).toEqual([
      '✔ completed  table  applied sql/001.sql and much more than that',
      '○ pending    open',
    ]);
  });

  it('wrap the last cell in its own column', () => {
    expect(columns(rows, 46)).toEqual([
      '✔ completed  table  applied sql/001.sql and',
      '                    much more than that',
      '○ pending    open',
    ]);
  });

  it('put the last cell below the others where they leave it no room', () => {
    expect(columns([['a'.repeat(30), 'words that do not fit beside']], 40)).toEqual([
      'a'.repeat(30),
      '    words that do not fit beside',
    ]);
  });

  it('put a last cell below whose longest word leaves no room, and no other', () => {
    expect(
      columns(
        [
          ['a'.repeat(20), 'short'],
          ['b', `of ${'c'.repeat(40)}`],
        ],
        60,
      ),
    ).toEqual([`${'a'.repeat(20)}  short`, 'b', `    of ${'c'.repeat(40)}`]);
  });

  it('wrap the widest column, and keep the others beside it', () => {
    const table = [
      ['', 'requests', 'p95'],
      ['weeks three and four, search and release', '1,568', '116 ms'],
      ['all', '4,125', '81 ms'],
    ];
    expect(columns(table, 48)).toEqual([
      '                                requests  p95',
      'weeks three and four, search    1,568     116 ms',
      'and release',
      'all                             4,125     81 ms',
    ]);
  });
});
