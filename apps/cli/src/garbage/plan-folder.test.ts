import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { Refusal } from '../exit-codes.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { starterPlan } from '../starter-plan.ts';
import { exactly } from '../testing/exactly.ts';

let folder: string;
let outside: string;
const sqlFile = 'sql/001_add_display_name.sql';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossfade-garbage-'));
  outside = mkdtempSync(join(tmpdir(), 'crossfade-outside-'));
  mkdirSync(join(folder, 'sql'));
  for (const [name, text] of Object.entries(starterPlan)) writeFileSync(join(folder, name), text);
});
afterEach(() => {
  for (const path of [folder, outside]) rmSync(path, { recursive: true, force: true });
});

/** The message without the folder's own name; what is not a refusal is thrown on. */
function refusalOf(path = folder): string {
  try {
    readPlanFolder(path);
  } catch (error) {
    if (error instanceof Refusal) return error.message.replaceAll(folder, 'PLAN').replaceAll(outside, 'OUT');
    throw error;
  }
  return 'not refused';
}

function replaceMain(): string {
  rmSync(join(folder, 'plan.yaml'));
  return join(folder, 'plan.yaml');
}

function makePipe(path: string): void {
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
}

describe('what stands in the place of plan.yaml', () => {
  const instead: readonly (readonly [string, (main: string) => void, string | RegExp])[] = [
    ['nothing', () => {}, /^no plan at PLAN\/plan\.yaml: give the folder that holds a plan\.yaml/],
    ['a folder', (main) => mkdirSync(main), 'PLAN/plan.yaml is no file: expected a text file'],
    ['a pipe that nobody writes to', makePipe, 'PLAN/plan.yaml is no file: expected a text file'],
    [
      'something without an end',
      (main) => symlinkSync('/dev/zero', main),
      'PLAN/plan.yaml is no file: expected a text file',
    ],
    [
      'a link to itself',
      (main) => symlinkSync('plan.yaml', main),
      'cannot read PLAN/plan.yaml: its symbolic links lead in a circle',
    ],
    [
      'a file of 1,000,001 bytes',
      (main) => writeFileSync(main, Buffer.alloc(1_000_001, '#')),
      'PLAN/plan.yaml is too large: expected at most 1000000 bytes in a file of a plan',
    ],
    [
      'UTF-16',
      (main) => writeFileSync(main, `\u{feff}${starterPlan['plan.yaml']}`, 'utf16le'),
      'PLAN/plan.yaml is written in UTF-16: expected text in UTF-8',
    ],
    [
      'Latin-1, though with a replacement character of its own',
      (main) => {
        writeFileSync(main, 'a: \u{fffd}\nb: "caf');
        appendFileSync(main, Buffer.from('\u{e9}"\n', 'latin1'));
      },
      /^PLAN\/plan\.yaml:2:8 is not text in UTF-8: expected a text file in UTF-8$/,
    ],
    [
      'a binary file',
      (main) => writeFileSync(main, Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1])),
      'PLAN/plan.yaml:1:5 holds a NUL character: expected text',
    ],
  ];

  it.each(instead)('%s', (_name, make, told) => {
    make(replaceMain());
    expect(refusalOf()).toMatch(typeof told === 'string' ? exactly(told) : told);
  });

  it('a file that this account may not read', () => {
    chmodSync(join(folder, 'plan.yaml'), 0o000);
    chmodSync(folder, 0o755);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect(refusalOf()).toBe('cannot read PLAN/plan.yaml: this account may not read it');
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('a path that leads to no plan', () => {
  it.each([
    ['', /^"" is no plan: expected the path of a folder/],
    ['/dev/null', /^\/dev\/null is no plan: expected a folder that holds a plan\.yaml, or a file \*\.yaml$/],
    ['/nowhere/plan.yml', /^no plan at \/nowhere\/plan\.yml: give the folder/],
    ['x'.repeat(5_000), /^cannot read x+: the name is too long$/],
    ['a\0b', /cannot read a\0b/],
  ])('%.20s', (path, told) => {
    expect(refusalOf(path)).toMatch(told);
  });
});

describe('what lies in the folder', () => {
  const refused: readonly (readonly [string, () => void, string | RegExp])[] = [
    [
      'a link out of it',
      () => symlinkSync('/etc/passwd', join(folder, 'sql/passwd.sql')),
      /^PLAN\/sql\/passwd\.sql leads to \S+: expected a file in the plan's folder$/,
    ],
    [
      'a folder that is a link to everything',
      () => symlinkSync('/', join(folder, 'messages')),
      "PLAN/messages leads to /: expected a file in the plan's folder",
    ],
    [
      'a link that leads in circles',
      () => symlinkSync('../sql', join(folder, 'sql/again')),
      /^PLAN\/sql\/again is a link to \S+\/sql: expected a file, or the folder itself$/,
    ],
    [
      'a link to nothing',
      () => symlinkSync('gone.sql', join(folder, 'sql/002.sql')),
      'cannot read PLAN/sql/002.sql: it is not there, or a link that leads nowhere',
    ],
    [
      'a pipe',
      () => makePipe(join(folder, 'sql/002.sql')),
      'PLAN/sql/002.sql is no file: expected a text file',
    ],
    [
      'SQL that is binary',
      () => writeFileSync(join(folder, 'sql/002.sql'), Buffer.from('select 1;\n\xff\n', 'latin1')),
      'PLAN/sql/002.sql:2:1 is not text in UTF-8: expected a text file in UTF-8',
    ],
    [
      'SQL behind a NUL, which the parser of Postgres would not see',
      () => writeFileSync(join(folder, sqlFile), 'select 1;\n\0drop table users;'),
      `PLAN/${sqlFile}:2:1 holds a NUL character: expected text`,
    ],
    [
      'a huge message',
      () => {
        mkdirSync(join(folder, 'messages'));
        writeFileSync(join(folder, 'messages/a.md'), 'x'.repeat(1_000_001));
      },
      'PLAN/messages/a.md is too large: expected at most 1000000 bytes in a file of a plan',
    ],
    [
      'a name of two lines',
      () => writeFileSync(join(folder, 'sql/a\nb.sql'), ''),
      'PLAN/sql holds a file "a\\nb.sql": expected a name that can be printed',
    ],
    [
      'folders in folders in folders',
      () => mkdirSync(join(folder, 'sql/a/b/c/d/e/f/g/h/i'), { recursive: true }),
      'PLAN/sql/a/b/c/d/e/f/g/h is nested too deeply: expected at most 8 folders',
    ],
    [
      'more files than a plan has',
      () => {
        for (let index = 0; index <= 1_000; index += 1) writeFileSync(join(folder, `sql/${index}.sql`), '');
      },
      'PLAN holds more than 1000 files: a plan has at most that many',
    ],
    [
      'more text than a plan has',
      () => {
        for (let index = 0; index < 17; index += 1)
          writeFileSync(join(folder, `sql/${index}.sql`), ' '.repeat(1_000_000));
      },
      'the files of PLAN are too large: a plan has at most 16000000 characters',
    ],
  ];

  it.each(refused)('refused: %s', (_name, make, told) => {
    make();
    expect(refusalOf()).toMatch(typeof told === 'string' ? exactly(told) : told);
  });

  it('is the same plan on a system with other line ends, and with what editors and systems leave behind', () => {
    const digest = checkPlan(readPlanFolder(folder).files).bound?.digest;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    for (const [name, text] of Object.entries(starterPlan))
      writeFileSync(join(folder, name), `\u{feff}${text.replaceAll('\n', '\r\n')}`);
    writeFileSync(join(folder, 'sql/.DS_Store'), Buffer.from([0, 255]));
    symlinkSync('ana@host.123', join(folder, 'sql/.#001_add_display_name.sql'));
    writeFileSync(join(folder, 'README.md'), 'not part of the plan');
    expect(checkPlan(readPlanFolder(folder).files).bound?.digest).toBe(digest);
  });

  it('may be a link to another file of the folder', () => {
    mkdirSync(join(folder, 'shared'));
    writeFileSync(join(folder, 'shared/a.md'), 'Hello');
    mkdirSync(join(folder, 'messages'));
    symlinkSync('../shared/a.md', join(folder, 'messages/a.md'));
    expect(readPlanFolder(folder).files['messages/a.md']).toBe('Hello');
  });

  it('names files with slashes, from folders in folders too', () => {
    mkdirSync(join(folder, 'sql/later'));
    writeFileSync(join(folder, 'sql/later/002.sql'), 'select 2;');
    expect(Object.keys(readPlanFolder(folder).files).toSorted()).toEqual([
      'plan.yaml',
      sqlFile,
      'sql/later/002.sql',
    ]);
  });

  it('is found by a plan.yaml of another name, too', () => {
    const other = join(folder, 'other.yml');
    writeFileSync(other, starterPlan['plan.yaml'] ?? '');
    expect(readPlanFolder(other)).toMatchObject({ path: folder, mainFile: other });
  });
});

describe('what the plan names and the folder does not hold', () => {
  it.each(['../outside.sql', '/etc/passwd', '/dev/zero', `./${sqlFile}`, 'sql\\001.sql', 'sql', 'README.md'])(
    '%s is refused where it is named, and never opened',
    (file) => {
      writeFileSync(join(folder, 'README.md'), 'select 1;');
      const yaml = (starterPlan['plan.yaml'] ?? '').replace(sqlFile, () => file);
      writeFileSync(join(folder, 'plan.yaml'), yaml);
      const { findings } = checkPlan(readPlanFolder(folder).files);
      expect(findings).toMatchObject([
        {
          line: 62,
          column: 15,
          message: `The file ${file} does not exist.`,
          expected: "a file in the plan's folder",
        },
      ]);
    },
  );
});
