import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parsePlan } from './parse-plan.ts';
import type { StepVocabulary } from './vocabulary.ts';
import { exampleFiles, examplePlan, exampleVocabulary } from './testing/example-plan.ts';

const options = { today: '2026-03-02' };

/** `line:column path message | value | expected` of each finding. */
function told(yaml: string): string[] {
  return parsePlan(exampleFiles(yaml), exampleVocabulary, options).findings.map(
    ({ line, column, path, message, value, expected }) =>
      `${line}:${column} ${path === '' ? '' : `${path}: `}${message} | ${value} | ${expected}`,
  );
}

function changed(from: string, to: string): string {
  expect(examplePlan).toContain(from);
  return examplePlan.replace(from, () => to);
}

function many(count: number, item: (index: number) => string, between = '\n'): string {
  return Array.from({ length: count }, (_, index) => item(index)).join(between);
}

describe('what is not a plan at all', () => {
  const unlike: readonly (readonly [string, string, string])[] = [
    ['nothing', '', '1:1 The file holds no plan. |  | a map with the keys of a plan'],
    ['only comments', '# soon\n# more\n', '1:1 The file holds no plan. |  | a map with the keys of a plan'],
    ['the word null', '~', '1:1 the plan cannot be null. | null | a map'],
    ['a list', '- a\n- b', '1:1 the plan cannot be a list of 2. | a list of 2 | a map'],
    [
      'a second document',
      `${examplePlan}---\n${examplePlan}`,
      '48:1 The file holds several documents. |  | one document, without a second --- line',
    ],
    [
      'UTF-16 that was read as UTF-8',
      Buffer.from(`\u{feff}${examplePlan}`, 'utf16le').toString('utf8'),
      '1:4 The file holds \\u{0}. |  | text in UTF-8, with lines that end with LF or CRLF',
    ],
    [
      'lines that end with CR alone',
      examplePlan.replaceAll('\n', '\r'),
      '1:13 The file holds \\u{d}. |  | text in UTF-8, with lines that end with LF or CRLF',
    ],
    ['50 MB', '#'.repeat(50_000_000), '1:1 The file has 50000000 bytes. |  | at most 1000000 bytes'],
    [
      'a YAML of the future',
      `%YAML 9.9\n---\n${examplePlan}`,
      '1:7 This is not valid YAML: Unsupported YAML version 9.9 | 9.9 | YAML 1.2',
    ],
  ];

  it.each(unlike)('%s', (_name, yaml, finding) => {
    expect(told(yaml)).toEqual([finding]);
  });
});

describe('an item of another kind', () => {
  const misfits: readonly (readonly [string, string, readonly string[]])[] = [
    ['guardrails: [fast]', 'guardrails: [7]', ['21:14 guardrails[0]: guardrails[0] cannot be 7. | 7 | text']],
    [
      '  - { id: fast-enough, title: Answers are fast, target: under 200 ms, gate: fast }',
      '  - 7',
      ['23:5 success[0]: success[0] cannot be 7. | 7 | a map'],
    ],
    [
      'after: [add-tables]',
      'after: [7]',
      ['36:17 phases[0].steps[1].after[0]: after[0] cannot be 7. | 7 | text'],
    ],
    ['  - id: prepare\n', '  - 7\n  - id: prepare\n', ['25:5 phases[0]: phases[0] cannot be 7. | 7 | a map']],
    [
      '      - id: rest\n',
      '      - 7\n      - id: rest\n',
      ['33:9 phases[0].steps[1]: steps[1] cannot be 7. | 7 | a map'],
    ],
    ['  healthy: {', '  other: 7\n  healthy: {', ['20:10 gates.other: other cannot be 7. | 7 | a map']],
  ];

  it.each(misfits)('in place of %j is told alone: %j', (from, to, findings) => {
    expect(told(changed(from, to))).toEqual(findings);
  });
});

describe('what makes no difference', () => {
  it.each([
    ['a byte order mark', `\u{feff}${examplePlan}`],
    ['lines that end with CRLF', examplePlan.replaceAll('\n', '\r\n')],
    ['a line --- before it', `---\n${examplePlan}`],
    ['a line ... after it', `${examplePlan}...\n`],
    ['numbers written otherwise', changed('percentage: 5,', 'percentage: 0x5,')],
    ['an alias', changed('title: Rest', 'title: &rest Rest').replace('title: Open', 'title: *rest')],
  ])('%s', (_name, yaml) => {
    expect(told(yaml)).toEqual([]);
  });
});

describe('what YAML has and plans have not', () => {
  const refused: readonly (readonly [string, string, string, string])[] = [
    ['!!binary', 'title: Rest', 'title: !!binary aGk=', '35:16 This is not valid YAML: Unresolved tag'],
    [
      '!!timestamp',
      'title: Rest',
      'title: !!timestamp 2026-01-01',
      '35:16 This is not valid YAML: Unresolved',
    ],
    ['!!set', 'flags: [search]', 'flags: !!set { search }', '44:16 This is not valid YAML: Unresolved tag'],
    ['!!js', 'title: Rest', 'title: !!js/function "x"', '35:16 This is not valid YAML: Unresolved tag'],
    ['tabs', '  weeks: 2', '\tweeks: 2', '6:1 This is not valid YAML: Tabs are not allowed as indentation'],
    ['merge keys', 'groups:', 'groups:\n  <<: { a: 1 }', '12:3 groups: Merge keys belong to YAML 1.1. | <<'],
    [
      '__proto__',
      'groups:',
      'groups:\n  __proto__: { a: 1 }',
      '12:3 groups: This key is not a word. | "__proto__"',
    ],
    ['a key of nothing', 'groups:', 'groups:\n  ? \n  : 1', '12:5 groups: This key is not a word. | null'],
    [
      'a list as key',
      'groups:',
      'groups:\n  ? [a]\n  : 1',
      '12:5 groups: This key is not a word. |  | a word as key',
    ],
    [
      'an infinite number',
      'percentage: 5,',
      'percentage: 1e400,',
      '12:60 groups.alpha.percentage: Infinity cannot',
    ],
    ['no number', 'percentage: 5,', 'percentage: .nan,', '12:60 groups.alpha.percentage: NaN cannot be used'],
    [
      'a key of 400,000 characters',
      'groups:',
      `groups:\n  ? ${'k'.repeat(400_000)}\n  : {${many(10_000, (index) => `a${index}: 1`, ',')}}`,
      '12:5 groups: This key has 400000 characters. | "kkk',
    ],
    [
      'an escape code',
      'title: Rest',
      'title: "\\e[2J"',
      '35:16 phases[0].steps[1].title: A text cannot hold \\u{1b}.',
    ],
    [
      'an escape code in a key',
      'groups:',
      'groups:\n  "\\e[2J": {}',
      '12:3 groups: A key cannot hold \\u{1b}.',
    ],
    [
      'NUL',
      'title: Rest',
      'title: "a\\0b"',
      '35:16 phases[0].steps[1].title: A text cannot hold \\u{0}. | "a\\u0000b"',
    ],
    [
      'half a character',
      'title: Rest',
      'title: "\\ud83d"',
      '35:16 phases[0].steps[1].title: A text cannot hold \\u{d83d}.',
    ],
    [
      'text that turns round',
      'title: Rest',
      'title: "\\u202e"',
      '35:16 phases[0].steps[1].title: A text cannot hold',
    ],
    [
      'two lines as a title',
      'title: Rest',
      'title: "a\\nb"',
      '35:16 phases[0].steps[1].title: title cannot be "a\\nb".',
    ],
  ];

  it.each(refused)('%s', (_name, from, to, finding) => {
    const findings = told(changed(from, to));
    expect(findings[0]?.slice(0, finding.length)).toBe(finding);
    expect(findings.every((text) => text.length < 700)).toBe(true);
  });

  it('keeps the letters of all scripts, and line breaks and tabs in longer texts', () => {
    const title = 'Größe 日本語 👩‍👩‍👧 عربى';
    const yaml = changed(
      'description: From one release',
      'description: "a\\n\\tb"\n# From one release',
    ).replace('title: Rest', `title: ${title}`);
    expect(told(yaml)).toEqual([]);
  });
});

describe('a number that cannot be held exactly', () => {
  it.each(['9007199254740993', '-9007199254740992', '1e17', '0x20000000000001'])('%s', (number) => {
    expect(told(changed('percentage: 5,', `percentage: ${number},`))).toEqual([
      `12:60 groups.alpha.percentage: ${number} cannot be held exactly as a number. | ${number} | a whole number of at most ` +
        '9007199254740991, or text in quotes',
    ]);
  });

  it('does not hide what else is wrong beside it', () => {
    const yaml = changed('percentage: 5,', 'percentage: 9007199254740993,').replace('for: 2d', 'for: 2x');
    expect(told(yaml)).toHaveLength(2);
  });
});

describe('a number where a type wants text', () => {
  const ask = {
    ...exampleVocabulary.steps['wait'],
    configSchema: z.strictObject({
      answers: z.array(z.union([z.string(), z.number()]).transform(String)),
      share: z.number(),
    }),
  } as StepVocabulary;
  const toldOf = (settings: string): string[] => {
    const yaml = changed('type: wait\n        title: Rest\n', 'type: ask\n        title: Rest\n');
    const vocabulary = { ...exampleVocabulary, steps: { ...exampleVocabulary.steps, ask } };
    const { findings } = parsePlan(exampleFiles(yaml.replace('for: 2d', settings)), vocabulary, options);
    return findings.map(
      ({ line, column, path, message, expected }) => `${line}:${column} ${path}: ${message} | ${expected}`,
    );
  };

  it.each([
    ['1.10', '1.1'],
    ['1.0', '1'],
    ['007', '7'],
    ['+5', '5'],
    ['-0', '0'],
    ['0x10', '16'],
    ['1e3', '1000'],
    ['0.1000000000000000055', '0.1'],
  ])('is refused when its text would be another: %s', (written, read) => {
    expect(toldOf(`answers: [a, ${written}, "1.10"]\n        share: ${written}`)).toEqual([
      `37:22 phases[0].steps[1].answers[1]: answers[1] cannot be ${written}: as a number it is ${read}. | ` +
        `text in quotes: "${written}", or "${read}"`,
    ]);
  });

  it.each(['5', '-1.5', '0', '9007199254740991'])('may stand as it is: %s', (written) => {
    expect(toldOf(`answers: [${written}]\n        share: 1.10`)).toEqual([]);
  });
});

describe('what grows', () => {
  const steps = (count: number): string =>
    changed(
      'phases:\n',
      `phases:\n  - id: many\n    title: Many\n    steps:\n${many(count, (index) => `      - { id: s${index}, type: wait, title: S, for: 1h }`)}\n`,
    );
  const bomb = many(
    9,
    (level) => `l${level}: &l${level} [${many(9, () => (level === 0 ? 'lol' : `*l${level - 1}`), ',')}]`,
  );
  const bombOfLists = many(
    6,
    (level) =>
      `l${level}: &l${level} [${many(level === 0 ? 2_000 : 3, () => (level === 0 ? '1' : `*l${level - 1}`), ',')}]`,
  );

  it.each([
    ['billion laughs', bomb, /^2:\d+ l2\[5\]\[4\]: Too many aliases\. \| \*l0 \| at most 64 aliases$/],
    [
      'a few aliases of much',
      bombOfLists,
      /The document grows too large when its aliases are followed\. \| .*20000 values$/,
    ],
    [
      '4,500 steps',
      steps(4_500),
      /^\d+:\d+ phases\[0\]\.steps\[\d+\].*The document is too large\. \| .*at most 20000 values$/,
    ],
    ['100,000 steps', steps(100_000), /^1:1 The file has \d+ bytes\. \| {2}\| at most 1000000 bytes$/],
    [
      'maps 900 deep',
      many(900, (level) => `${' '.repeat(level)}a:`),
      /The document is nested too deeply\. \| .*at most 60 levels$/,
    ],
  ])('%s: one finding, which says why, and nothing that follows from it', (_name, yaml, finding) => {
    const findings = told(yaml);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(finding);
  });

  it('1,000 steps are a plan', () => {
    expect(told(steps(1_000))).toEqual([]);
  });

  it.each([
    [
      '19,000 unknown flags',
      changed('flags: [search]', `flags: [${many(19_000, (index) => `f${index}`, ',')}]`),
    ],
    [
      '5,000 names in after',
      changed('after: [add-tables]', `after: [${many(5_000, (index) => `s${index}`, ',')}]`),
    ],
  ])('%s: a hundred findings and how many more, soon', (_name, yaml) => {
    const startedAt = process.cpuUsage();
    expect(told(yaml)).toHaveLength(101);
    expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(20_000);
  });
});

describe('what a lint of a step type says', () => {
  const lint = (message: string): string[] => {
    const schema = exampleVocabulary.steps['schema'];
    if (!schema) throw new Error('the example has no step type schema');
    const steps = { ...exampleVocabulary.steps, schema: { ...schema, lint: () => [message] } };
    return parsePlan(exampleFiles(), { ...exampleVocabulary, steps }, options).findings.map(
      ({ line, column, path }) => `${line}:${column} ${path}`,
    );
  };

  it.each([
    ['of a setting is shown there', 'file: is old', '32:15 phases[0].steps[0].file'],
    [
      'of a file is shown where the file is named',
      'sql/001.sql:3:1: syntax error',
      '32:15 phases[0].steps[0].file',
    ],
    ['of neither is shown at the step', 'sql/002.sql:3:1: syntax error', '28:9 phases[0].steps[0]'],
  ])('%s', (_name, message, place) => {
    expect(lint(message)).toEqual([place]);
  });

  it('finds settings whose names have digits and capitals', () => {
    const wait = { ...exampleVocabulary.steps['wait'], lint: () => ['set.body_sha256: is no SQL'] };
    const yaml = examplePlan.replace('for: 2d', 'for: 2d\n        set: { body_sha256: "" }');
    const vocabulary = { ...exampleVocabulary, steps: { ...exampleVocabulary.steps, wait } };
    const { findings } = parsePlan(exampleFiles(yaml), vocabulary as typeof exampleVocabulary, options);
    expect(findings.map(({ path }) => path)).toContain('phases[0].steps[1].set.body_sha256');
  });
});
