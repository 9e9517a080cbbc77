import { describe, expect, it } from 'vitest';
import { z, type ZodType } from 'zod';
import { parsePlan } from './parse-plan.ts';
import { exampleFiles, examplePlan } from './testing/example-plan.ts';

const head = examplePlan
  .slice(0, examplePlan.indexOf('gates:'))
  .replace('flags:\n  search: { title: Search }\n', '');
const nothing = { files: [], gates: [], flags: [], groups: [], parameters: [] };

/** What is found when a step with this schema for its `value` is given this YAML for it. */
function found(schema: ZodType, yaml: string): readonly string[] {
  const text = `${head}phases:
  - id: only
    title: Only
    steps:
      - id: one
        type: special
        title: One
        value: ${yaml}
`;
  const special = {
    configSchema: z.strictObject({ value: schema }),
    reversibility: 'reversible' as const,
    references: () => nothing,
    lint: () => [],
  };
  const { findings } = parsePlan(
    exampleFiles(text),
    { steps: { special }, gates: {} },
    { today: '2026-01-01' },
  );
  const base = 'phases[0].steps[0].';
  return findings.map(({ path, message, expected, hint }) =>
    [`${path.replace(base, '')}: ${message}`, expected, ...(hint === undefined ? [] : [hint])].join(' | '),
  );
}

describe('what would have been right', () => {
  it.each<[string, ZodType, string, string]>([
    ['text', z.string(), '3', 'value cannot be 3. | text'],
    ['a number', z.number(), 'many', 'value cannot be "many". | a number'],
    ['a whole number', z.int(), '1.5', 'value cannot be 1.5. | a whole number'],
    ['true or false', z.boolean(), 'yes', 'value cannot be "yes". | true or false'],
    ['a map', z.object({}), '[]', 'value cannot be an empty list. | a map'],
    ['a map of names', z.record(z.string(), z.number()), '3', 'value cannot be 3. | a map'],
    ['a list', z.array(z.string()), '{}', 'value cannot be an empty map. | a list'],
    ['at least', z.number().min(3), '2', 'value cannot be 2. | at least 3'],
    ['at most', z.number().max(3), '4', 'value cannot be 4. | at most 3'],
    ['a multiple', z.number().multipleOf(5), '7', 'value cannot be 7. | a multiple of 5'],
    ['one character', z.string().min(1), '""', 'value cannot be "". | at least 1 character'],
    ['so many characters', z.string().max(2), 'abc', 'value cannot be "abc". | at most 2 characters'],
    ['one item', z.array(z.any()).min(1), '[]', 'value cannot be an empty list. | at least 1 item'],
    ['so many items', z.array(z.any()).max(2), '[1, 2, 3]', 'value cannot be a list of 3. | at most 2 items'],
    ['a pattern', z.string().regex(/^a+$/), 'b', 'value cannot be "b". | text like /^a+$/'],
    ['a format', z.email(), 'b', 'value cannot be "b". | email'],
    ['one value', z.literal('alpha'), 'b', 'value cannot be "b". | "alpha"'],
    ['one of several', z.enum(['alpha', 'beta']), 'gamma', 'value cannot be "gamma". | one of alpha, beta'],
    [
      'one of several that is nearly right',
      z.enum(['alpha', 'beta']),
      'alhpa',
      'value cannot be "alhpa". | one of alpha, beta | did you mean alpha?',
    ],
    ['either', z.union([z.string(), z.number()]), 'true', 'value cannot be true. | text or a number'],
    ['either of one kind', z.union([z.string().min(1), z.string()]), '3', 'value cannot be 3. | text'],
    ['a date', z.date(), 'x', 'value cannot be "x". | date'],
    [
      'kinds that have no words',
      z.union([z.custom(() => false), z.custom(() => false)]),
      '3',
      'value cannot be 3. | one of the kinds that the reference lists',
    ],
  ])('is said: %s', (_what, schema, yaml, finding) => {
    expect(found(schema, yaml)).toEqual([`value: ${finding}`]);
  });

  it('is said in the type’s own words, where it has some', () => {
    const own = (message: string) => z.string().refine(() => false, { error: message });
    expect(found(own('expected something short'), 'long')).toEqual([
      'value: value cannot be "long". | something short',
    ]);
    expect(found(own('It is the wrong one.'), 'long')).toEqual(['value: It is the wrong one. | ']);
  });

  it('is said where a value is missing', () => {
    expect(found(z.object({ inner: z.string() }), '{}')).toEqual(['value.inner: inner is missing. | text']);
  });

  it('is said of an item by its place in the list', () => {
    expect(found(z.array(z.number()), '[1, two]')).toEqual([
      'value[1]: value[1] cannot be "two". | a number',
    ]);
  });

  it('is said of the variant that was meant, as far as it was understood', () => {
    const variants = z.union([
      z.object({ kind: z.literal('a'), size: z.number(), depth: z.number() }),
      z.object({ kind: z.literal('b'), width: z.number() }),
    ]);
    expect(found(variants, '{ kind: a, size: 1, depth: deep }')).toEqual([
      'value.depth: depth cannot be "deep". | a number',
    ]);
    expect(found(variants, '{ kind: b, width: wide }')).toEqual([
      'value.width: width cannot be "wide". | a number',
    ]);
  });

  it('is one of the kinds, where a kind is not known', () => {
    const kinds = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('alpha') }),
      z.object({ kind: z.literal('beta') }),
    ]);
    expect(found(kinds, '{ kind: alhpa }')).toEqual([
      'value.kind: kind cannot be "alhpa". | one of alpha, beta | did you mean alpha?',
    ]);
  });
});

describe('keys that nobody knows', () => {
  const inner = z.strictObject({ size: z.number().optional(), depth: z.number().optional() });

  it('are told with those that are known, and the nearest of them', () => {
    expect(found(inner, '{ siez: 1, colour: red }')).toEqual([
      'value.siez: The key siez is not known here. | one of size, depth | did you mean size?',
      'value.colour: The key colour is not known here. | one of size, depth',
    ]);
  });

  it('are told where no key is known at all', () => {
    expect(found(z.strictObject({}), '{ a: 1 }')).toEqual([
      'value.a: The key a is not known here. | no keys',
    ]);
  });

  it('are found in the items of a list, and under names that are free', () => {
    expect(found(z.array(inner), '[{}, { siez: 1 }]').join()).toContain('value[1].siez: ');
    expect(found(z.record(z.string(), inner), '{ any: { siez: 1 } }').join()).toContain(
      'value.any.siez: The key siez is not known here. | one of size, depth',
    );
  });

  it('are names that a map of names cannot have', () => {
    const names = z.record(
      z.string().regex(/^[a-z]+$/, { error: 'expected lower-case letters' }),
      z.number(),
    );
    expect(found(names, '{ Two Words: 1 }')).toEqual([
      'value["Two Words"]: "Two Words" cannot be a name here. | lower-case letters',
    ]);
  });

  it('of every variant are known', () => {
    const either = z.union([inner, z.strictObject({ width: z.number() })]);
    const [finding] = found(either, '{ widht: 1 }');
    expect(finding).toContain('did you mean width?');
  });
});
