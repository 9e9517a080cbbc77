import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { crossfadeHere } from '../testing/crossfade-here.ts';
import { crossfade, type CrossfadeEnd } from '../testing/crossfade-process.ts';
import { writeSmallPlan } from '../testing/small-plan.ts';
import { exactly } from '../testing/exactly.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-garbage-${process.pid}`;
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});

const plan = writeSmallPlan();
afterAll(() => {
  for (const path of [plan, folder]) rmSync(path, { recursive: true, force: true });
});

// Nobody listens there.
const unreachable = 'postgres://ana:geheim@127.0.0.1:1/parley';
const withParameter = 'postgres://127.0.0.1:1/parley?password=geheim';

/** What would move the cursor, clear the screen or turn the text round: everything but line breaks and our own colours. */
function raw(text: string): string[] {
  const own = new RegExp(String.raw`${String.fromCodePoint(0x1b)}\[\d{1,2}m`, 'g');
  return text.replaceAll(own, '').match(/[^\P{Cc}\n]|[\u{202a}-\u{202e}]/gu) ?? [];
}

/** What of this does not hold: no raw control character, no password, no stack, a bounded text; with --json one document. */
function brokenPromises(words: readonly string[], { code, stdout, stderr }: CrossfadeEnd): string[] {
  const all = stdout + stderr;
  const isHelp = words.some((word) => /^(--help|-\w*h\w*|help|--version|-\w*V\w*)$/.test(word));
  const promises: [boolean, string][] = [
    [raw(all).length === 0, `raw ${JSON.stringify(raw(all).slice(0, 3))}`],
    [!all.includes('geheim'), 'a password'],
    [!/\n\s+at .*:\d+/.test(all), 'a stack'],
    [stderr.length < 50_000, 'more than anybody reads'],
    [code === 0 || code === 2, `exit code ${code}`],
    [code === 0 || stderr !== '', 'no word of why'],
    [!words.includes('--json') || isHelp || isOneDocument(stdout), 'not one JSON document'],
  ];
  const broken = promises.filter(([holds]) => !holds).map(([, text]) => text);
  return broken.length === 0 ? [] : [...broken, all.slice(0, 500)];
}

function isOneDocument(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch (error) {
    return !(error instanceof SyntaxError);
  }
}

describe('whatever is given', () => {
  const commands = [
    'validate',
    'run',
    'status',
    'pause',
    'resume',
    'promote',
    'rollback',
    'flags',
    'report',
    'audit',
  ];
  const word = fc.oneof(
    fc.constantFrom(
      '--json',
      '--quiet',
      '--database',
      '--speed',
      '--app',
      '--lease-ms',
      '--reason',
      '--all',
      '--',
    ),
    fc.constantFrom(
      'list',
      'disable',
      'verify',
      plan,
      unreachable,
      withParameter,
      'http://127.0.0.1:1',
      '-1',
      '1e400',
      '',
    ),
    fc.constantFrom(
      '--__proto__',
      '--constructor',
      '--no-json',
      '-',
      '-jq',
      '\u{1b}[2J',
      '--\u{9b}2J',
      '\u{202e}',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constant('x'.repeat(1_000_000)),
  );

  it('is answered in words that a terminal can show, and in one document for scripts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...commands, 'nonsense', withParameter, ''),
        fc.array(word, { maxLength: 5 }),
        fc.boolean(),
        async (command, words, json) => {
          const given = [command, ...(json ? ['--json'] : []), '--database', unreachable, ...words];
          expect(brokenPromises(given, await crossfadeHere(...given))).toEqual([]);
        },
      ),
      { numRuns: Number(process.env['CROSSFADE_FUZZ_RUNS'] ?? 100) },
    );
  });
});

describe('a command that cannot be carried out', () => {
  const refused: readonly (readonly [string[], string | RegExp])[] = [
    [['bogus'], "unknown command 'bogus'"],
    [
      ['validate', 'postgres://ana:geheim@127.0.0.1:1/parley'],
      'postgres://ana:***@127.0.0.1:1/parley is no plan: expected the path of a folder that holds a plan.yaml',
    ],
    [['statu'], "unknown command 'statu' (Did you mean status?)"],
    [['help', 'statu'], "unknown command 'statu' (Did you mean status?)"],
    [
      ['postgres://h/d?sslmode=require&password=geheim'],
      "unknown command 'postgres://h/d?sslmode=require&password=***'",
    ],
    [['status', '--jsno'], "unknown option '--jsno' (Did you mean --json?)"],
    [
      ['flags', 'lits'],
      'no action lits: expected list, usage, disable, enable, on, off or reset; did you mean list?',
    ],
    [['audit', 'check'], 'no action check: expected verify'],
    [['completion', 'tcsh'], 'no shell tcsh: expected bash, zsh or fish'],
    [['status', '--bogus'], /^unknown option '--bogus'/],
    [['status', 'more'], /^too many arguments/],
    [['flags'], /^missing required argument/],
    [['status', '--database'], /^--database --json: expected a value after --database$/],
    [['status', '--database', '--quiet'], '--database --quiet: expected a value after --database'],
    [['status', '--database', ''], '--database is empty: expected postgres://user:password@host:port/name'],
    [
      ['status', '--database', 'mysql://u:geheim@h/d'],
      /^--database mysql:\/\/u:\*\*\*@h\/d: expected postgres:/,
    ],
    [['status', '--database', 'u:geheim@h'], /^--database \(not a URL\): expected postgres:/],
    [
      ['status', '--database', 'postgres://u:geheim@[::1/d'],
      /^cannot use the database postgres:\/\/u:\*\*\*@\[::1\/d: /,
    ],
    [['run', plan, '--speed', 'abc'], /^--speed abc: expected a number/],
    [['run', plan, '--speed', '-1'], /^--speed -1: expected a number/],
    [['run', plan, '--speed', '0'], /^--speed 0: expected a number/],
    [['run', plan, '--speed', '1e400'], /^--speed 1e400: expected a number/],
    [['run', plan, '--speed', '1e300'], /^--speed 1e300: expected a number/],
    [['run', plan, '--speed', ''], /^--speed "": expected a number/],
    [['run', plan, '--lease-ms', '0.001'], /^--lease-ms 0\.001: expected a whole number/],
    [['run', plan, '--lease-ms', '1e15'], /^--lease-ms 1e15: expected a whole number/],
    [['run', plan, '--app', 'ftp://h'], /^--app ftp:\/\/h: expected the URL/],
    [
      ['run', plan, '--app', 'http://u:geheim@h'],
      /^--app http:\/\/u:\*\*\*@h: expected a URL without user and password/,
    ],
    [['run', ''], /^"" is no plan/],
    [['validate', '/nowhere'], /^no plan at \/nowhere\/plan\.yaml/],
    [['init', ''], /^the name of the folder is empty/],
    [['init', '/proc/new'], /^cannot write into \/proc\/new: /],
    [
      ['init', join(plan, 'plan.yaml', 'new')],
      /plan\.yaml is a file: init writes into a new or empty folder$/,
    ],
    [['demo', '--messages', '1e99'], /^--messages 1e99: expected a/],
    [['demo', '--import', '/nowhere.zip'], /^--import \/nowhere\.zip: there is no such file/],
    [['validate', '\u{1b}[2J\u{202e}'], /^no plan at /],
    [['x'.repeat(100_000)], /^unknown command 'x+/],
  ];

  it.each(refused)(
    'is refused with exit code 2, in one sentence and one document: %j',
    async (words, told) => {
      const given = [...words, '--json'];
      const end = await crossfadeHere(...given);
      expect(brokenPromises(given, end)).toEqual([]);
      expect(end.code).toBe(2);
      const { error }: { error: string } = JSON.parse(end.stdout);
      expect(error).toMatch(typeof told === 'string' ? exactly(told) : told);
    },
  );

  it.each([
    ['\u{1b}[2J\u{202e}', '--json'],
    ['run', plan, '--speed', '1e400', '--json'],
    ['status', '--database', unreachable, '--json'],
  ])('ends a process of its own the same way: %j', async (...words) => {
    const end = await crossfade(...words);
    expect(brokenPromises(words, end)).toEqual([]);
    expect(end.code).toBe(2);
  });

  it('changes nothing', async () => {
    const here = mkdtempSync(join(tmpdir(), 'crossfade-nothing-'));
    expect((await crossfadeHere('init', join(here, 'new'), 'too many')).code).toBe(2);
    expect(readdirSync(here)).toEqual([]);
    rmSync(here, { recursive: true });
  });
});
