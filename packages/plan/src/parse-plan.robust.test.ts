import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parsePlan } from './parse-plan.ts';
import { exampleFiles, examplePlan, exampleVocabulary } from './testing/example-plan.ts';

const options = { today: '2026-03-02' };

/**
 * However wrong the text: an answer, soon, with findings that have a place, and a plan only when nothing is wrong.
 * Returns what of this does not hold.
 */
function brokenPromises(yaml: string): string[] {
  const startedAt = process.cpuUsage();
  const { plan, findings } = parsePlan(exampleFiles(yaml), exampleVocabulary, options);
  const rows = yaml.split('\n').length;
  const promises: [boolean, string][] = [
    [process.cpuUsage(startedAt).user < 20_000_000, 'took longer than 20 s'],
    [(plan === undefined) === findings.some(({ severity }) => severity === 'error'), 'a plan with errors'],
    [findings.length <= 101, 'more than 101 findings'],
    [findings.every(({ line }) => line >= 1 && line <= rows + 1), 'a line outside the file'],
    [findings.every(({ column }) => column >= 1), 'a column outside the line'],
    [findings.every(({ message }) => message !== ''), 'a finding that says nothing'],
    [findings.every(({ value }) => value.length <= 100), 'a long value'],
  ];
  return promises.filter(([holds]) => !holds).map(([, broken]) => broken);
}

describe('a plan that is not one', () => {
  it('gets an answer whatever is cut out, doubled or put in', () => {
    const place = fc.nat({ max: examplePlan.length });
    const rubbish = fc.oneof(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ': ',
        '- ',
        '*a',
        '&a ',
        '!t ',
        '\n',
        '\t',
        '"',
        "'",
        '|',
        '#',
        '---\n',
        '? ',
        '%',
        '~',
        '<<: ',
        '__proto__: 1\n',
        'constructor: 1\n',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    );
    const mutations = fc.array(fc.tuple(place, fc.nat({ max: 30 }), rubbish), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(mutations, (changes) => {
        let yaml = examplePlan;
        for (const [from, length, put] of changes)
          yaml = yaml.slice(0, from) + put + yaml.slice(from + length);
        expect(brokenPromises(yaml)).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('gets an answer whatever stands in the place of a value', () => {
    const keyed = [...examplePlan.matchAll(/[a-z_]+: ([^\n{}[\],]+)/g)].map((match) => match[1] ?? '');
    fc.assert(
      fc.property(fc.constantFrom(...keyed), fc.jsonValue({ maxDepth: 4 }), (value, instead) => {
        expect(brokenPromises(examplePlan.replace(value, () => JSON.stringify(instead)))).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('gets an answer whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(brokenPromises(text)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n\t\n '],
    ['null', 'null'],
    ['a list', '- crossfade: 1'],
    ['two documents', `${examplePlan}---\n${examplePlan}`],
    ['a thousand brackets', '['.repeat(1_000)],
    ['twenty thousand brackets', '['.repeat(20_000)],
    ['fifty thousand closing brackets', ']'.repeat(50_000)],
    ['twenty thousand list dashes', '- '.repeat(20_000)],
    ['brackets hidden by text', '["]",'.repeat(5_000)],
    ['twenty-one thousand keys', Array.from({ length: 21_000 }, (_, index) => `k${index}: 1`).join('\n')],
    ['too many bytes', `${examplePlan}#${'x'.repeat(1_000_000)}`],
    ['an alias to itself', 'crossfade: &a [*a]'],
    ['an alias to nothing', 'crossfade: *a'],
    ['a binary file', Buffer.from([0xff, 0xfe, 0x00, 0x01, 0x80]).toString('latin1')],
  ])('is refused: %s', (_, yaml) => {
    expect(brokenPromises(yaml)).toEqual([]);
    expect(parsePlan(exampleFiles(yaml), exampleVocabulary, options).plan).toBeUndefined();
  });

  it('is refused as a YAML bomb, before it grows', () => {
    const levels = Array.from({ length: 26 }, (_, level) => {
      const items = level === 0 ? 'x' : Array.from({ length: 9 }, () => `*l${level - 1}`).join(', ');
      return `l${level}: &l${level} [${items}]`;
    });
    const heapBefore = process.memoryUsage().heapUsed;
    const { findings } = parsePlan({ 'plan.yaml': levels.join('\n') }, exampleVocabulary, options);
    expect(findings.map(({ message }) => message)).toContain('Too many aliases.');
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(100_000_000);
  });

  it('stops counting after a hundred findings and says how many are left', () => {
    const flags = Array.from({ length: 300 }, (_, index) => `  flag_${index}: { title: 3 }`).join('\n');
    const { findings } = parsePlan(exampleFiles(`flags:\n${flags}`), exampleVocabulary, options);
    expect(findings).toHaveLength(101);
    expect(findings.at(-1)?.message).toBe('There are 205 more problems; mend these first.');
  });

  it('needs a plan.yaml', () => {
    expect(parsePlan({}, exampleVocabulary, options).findings).toMatchObject([
      { severity: 'error', message: 'The plan has no plan.yaml.' },
    ]);
  });

  it('is told so when a step type itself breaks', () => {
    const broken = {
      configSchema: z.looseObject({ file: z.string() }),
      reversibility: 'reversible' as const,
      references: () => {
        throw new Error('no luck');
      },
      lint: () => [],
    };
    const steps = { ...exampleVocabulary.steps, schema: broken };
    const { findings } = parsePlan(exampleFiles(), { ...exampleVocabulary, steps }, options);
    expect(findings.map(({ message }) => message)).toEqual([
      'The step type schema cannot check this: no luck',
    ]);
  });

  it.each(['x'.repeat(100_000), '\\e[2J\\u009b2J', '\\u202e\\r\\n'])(
    'is told in short, printable lines about %.12s',
    (name) => {
      const yaml = examplePlan
        .replace('sql/001.sql', `"${name}"`)
        .replace('type: wait', `type: "${name}"`)
        .replace(/gates: \[[^\]]*\]/, `gates: ["${name}"]`);
      const { findings } = parsePlan(exampleFiles(yaml), exampleVocabulary, options);
      expect(findings.length).toBeGreaterThan(1);
      const texts = findings.flatMap(({ path, value, message, expected }) => [
        path,
        value,
        message,
        expected,
      ]);
      expect(texts.filter((text) => text.length > 500 || /[\p{Cc}\p{Cf}]/u.test(text))).toEqual([]);
    },
  );

  it('does not take a file or a type from what every object has', () => {
    const yaml = examplePlan.replace('sql/001.sql', 'constructor').replace('type: wait', 'type: toString');
    const messages = parsePlan(exampleFiles(yaml), exampleVocabulary, options).findings.map(
      ({ message }) => message,
    );
    expect(messages).toEqual(['The file constructor does not exist.', 'There is no step type toString.']);
  });
});
