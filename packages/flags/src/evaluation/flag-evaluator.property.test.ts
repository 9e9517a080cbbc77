import { DefaultLogger } from '@openfeature/core';
import type { FlagValueType, JsonValue } from '@openfeature/core';
import { FlagdCore, MemoryStorage } from '@openfeature/flagd-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFlagEvaluator, segmentsOf } from './flag-evaluator.ts';
import { compileQuickRule } from './quick-rule.ts';

/**
 * Whatever stands in a document and whoever asks: the answer is flagd-core's, field by field. The rules drawn here hold every
 * operator of flagd's and JSON Logic's that a flag may use, in usual and in senseless places; see "how often".
 */
function flagdCore(document: string): FlagdCore {
  const refuse = (message: string): void => {
    throw new Error(message);
  };
  const storage = new MemoryStorage({ error: refuse, warn: refuse, info: () => {}, debug: () => {} });
  storage.setConfigurations(document, true);
  return new FlagdCore(storage, new DefaultLogger());
}

const names = ['targetingKey', 'segments', 'plan', 'age', 'version', 'tags', 'toString', 'a.b'];
const texts = ['on', 'off', 'gold', 'alpha', 'beta', '1.2.3', 'v2', '', 'käthe', 'ann@example.org'];
const text = fc.oneof(fc.constantFrom(...texts), fc.string({ maxLength: 12 }));
const number = fc.oneof(fc.constantFrom(0, 1, 2, 17, 50_000, -1, 0.5), fc.integer());
const primitive = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const weight = fc.oneof(fc.nat(100_000), fc.constantFrom(0, 1, -5, 0.5, 2 ** 30));

const operation = <T>(name: string, operands: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  operands.map((given) => ({ [name]: given }));

const { rule } = fc.letrec<{ rule: unknown; condition: unknown; variable: unknown; bucket: unknown }>(
  (tie) => {
    const value = fc.oneof({ weight: 3, arbitrary: primitive }, tie('variable'), tie('rule'));
    const two = (what: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.tuple(what, what);
    const comparing = fc
      .constantFrom('==', '===', '!=', '!==', '<', '<=', '>', '>=', 'starts_with', 'ends_with')
      .chain((operator) => operation(operator, two(value)));
    const shares = fc.array(tie('bucket'), { minLength: 1, maxLength: 4 });
    return {
      variable: operation(
        'var',
        fc.oneof(
          { weight: 8, arbitrary: fc.constantFrom(...names) },
          fc.constantFrom('$flagd.flagKey', 'missing'),
          fc.tuple(fc.constantFrom(...names), primitive),
        ),
      ),
      bucket: fc.oneof(
        { weight: 6, arbitrary: fc.tuple(fc.constantFrom('on', 'off', 'red'), weight) },
        fc.tuple(fc.constantFrom('on', 'off', 'gone')),
        fc.tuple(value, fc.oneof(weight, value)),
      ),
      condition: fc.oneof(
        { weight: 3, arbitrary: comparing },
        { weight: 3, arbitrary: operation('in', fc.tuple(text, fc.constant({ var: 'segments' }))) },
        operation('in', fc.tuple(value, fc.oneof(tie('variable'), fc.array(primitive, { minLength: 1 })))),
        operation('and', fc.array(tie('condition'), { minLength: 1, maxLength: 3 })),
        operation('or', fc.array(tie('condition'), { minLength: 1, maxLength: 3 })),
        operation('!', fc.oneof(tie('condition'), fc.tuple(tie('condition')))),
        operation('sem_ver', fc.tuple(value, fc.constantFrom('=', '<', '^', '~', '>='), value)),
        fc.boolean(),
        tie('rule'),
      ),
      rule: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc.constantFrom('on', 'off', 'red', 'gone', null),
        {
          weight: 4,
          arbitrary: operation(
            'if',
            fc.array(fc.oneof(tie('condition'), tie('rule')), { minLength: 1, maxLength: 5 }),
          ),
        },
        { weight: 3, arbitrary: operation('fractional', shares) },
        {
          weight: 3,
          arbitrary: operation(
            'fractional',
            fc
              .tuple(operation('cat', fc.tuple(text, tie('variable'))), shares)
              .map(([key, rest]) => [key, ...rest]),
          ),
        },
        operation(
          'fractional',
          fc.tuple(value, shares).map(([key, rest]) => [key, ...rest]),
        ),
        operation('cat', fc.array(value, { minLength: 1, maxLength: 3 })),
        tie('variable'),
        tie('condition'),
      ),
    };
  },
);

const flag = fc.record(
  {
    state: fc.constantFrom('ENABLED', 'ENABLED', 'ENABLED', 'DISABLED'),
    variants: fc.constantFrom(
      { on: true, off: false },
      { on: 'yes', off: 'no', red: '', true: 'indeed' },
      { on: 1, off: 0, '17': 17 },
      { on: { theme: 'dark' }, off: {} },
    ),
    defaultVariant: fc.constantFrom('on', 'off', null),
    targeting: fc.oneof({ weight: 9, arbitrary: rule }, fc.constant({}), fc.constant({ $ref: 'shared' })),
    metadata: fc.constantFrom({ owner: 'search' }, {}),
  },
  { requiredKeys: ['state', 'variants'] },
);

/** Only what flagd's own schema lets through: the rest is refused, which flag-trouble.test.ts shows. */
const document = fc
  .record({ flags: fc.dictionary(fc.constantFrom('a', 'b', 'c'), flag, { minKeys: 1 }), shared: rule })
  .map(({ flags, shared }) => {
    const isRule = typeof shared === 'object' && shared !== null;
    return JSON.stringify({
      flags,
      $evaluators: { shared: isRule ? shared : { if: [true, 'on'] } },
      metadata: { set: 1 },
    });
  })
  .filter((given) => {
    try {
      flagdCore(given);
      return true;
    } catch {
      return false;
    }
  });

const targetingKey = fc.oneof(fc.uuid(), fc.string(), fc.constantFrom('', 'käthe'));
const attribute = fc.oneof(
  primitive,
  fc.array(text, { maxLength: 4 }),
  fc.constantFrom({ b: 1 }, Number.NaN),
);
const context = fc.record(
  {
    targetingKey,
    segments: fc.oneof({ weight: 4, arbitrary: fc.array(text, { maxLength: 4 }) }, primitive),
    plan: attribute,
    age: attribute,
    version: attribute,
    tags: attribute,
    a: fc.record({ b: primitive }),
  },
  { requiredKeys: [] },
);

const types: readonly FlagValueType[] = ['boolean', 'string', 'number', 'object'];
const fallbackOf = { boolean: false, string: 'code', number: -1, object: { code: true } } as const;

describe('an evaluator', () => {
  it('answers as flagd-core does, for any document and any person', () => {
    fc.assert(
      fc.property(document, fc.array(context, { minLength: 1, maxLength: 6 }), (given, people) => {
        const evaluator = createFlagEvaluator(given);
        const core = flagdCore(given);
        const questions = (people as JsonObject[]).flatMap((person) =>
          ['a', 'b', 'c'].flatMap((key) =>
            types.map((type) => [type, key, fallbackOf[type] as JsonValue, person] as const),
          ),
        );
        const ours = questions.map((question) => evaluator.resolve(...question));
        expect(ours).toEqual(questions.map((question) => core.resolve(...question)));
        for (const person of people as JsonObject[]) {
          const all = evaluator.keys.map((flagKey) => ({ ...evaluator.evaluate(flagKey, person), flagKey }));
          expect(all.filter(({ value }) => value !== undefined)).toEqual(core.resolveAll(person));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('with members, answers as flagd-core does for somebody who has just these segments', () => {
    const members = fc.dictionary(fc.constantFrom('alpha', 'beta', 'gold'), fc.array(targetingKey));
    fc.assert(
      fc.property(
        document,
        members,
        fc.array(context, { minLength: 1, maxLength: 6 }),
        (given, lists, people) => {
          const segments = new Map(Object.entries(lists).map(([name, keys]) => [name, new Set(keys)]));
          const evaluator = createFlagEvaluator(given, segments);
          const core = flagdCore(given);
          for (const person of people as JsonObject[]) {
            const told = {
              ...person,
              segments: segmentsOf(segments, person['targetingKey'] as string | undefined),
            };
            const answer = evaluator.resolve('boolean', 'a', false, person);
            expect(answer).toEqual(core.resolve('boolean', 'a', false, told));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is quick for a good part of the rules drawn here, and leaves a good part to flagd-core', () => {
    const drawn = fc
      .sample(rule, { numRuns: 2_000, seed: 1 })
      .filter((one) => typeof one === 'object' && one !== null);
    const quick = drawn.filter(
      (one) => compileQuickRule(one as JsonValue, { flagKey: 'a', members: undefined }) !== undefined,
    );
    expect(quick.length / drawn.length).toBeGreaterThan(0.2);
    expect(quick.length / drawn.length).toBeLessThan(0.8);
  });
});

type JsonObject = { [key: string]: JsonValue };
