import { DefaultLogger } from '@openfeature/core';
import type { EvaluationContext } from '@openfeature/core';
import { FlagdCore } from '@openfeature/flagd-core';
import { describe, expect, it, test } from 'vitest';
import type { JsonValue } from '../canonical-json.ts';
import { createFlagEvaluator } from './flag-evaluator.ts';
import { murmurHash } from './murmur-hash.ts';
import { compileQuickRule } from './quick-rule.ts';

const ann = { targetingKey: 'ann', segments: ['alpha'], plan: 'gold', age: 17 };

const documentOf = (targeting: JsonValue): string =>
  JSON.stringify({
    flags: {
      f: { state: 'ENABLED', variants: { on: 'A', off: 'B', true: 'C' }, defaultVariant: 'off', targeting },
    },
  });

/** What flagd-core says too, or the test fails. */
function answer(targeting: JsonValue, context: EvaluationContext): unknown {
  const document = documentOf(targeting);
  const core = new FlagdCore(undefined, new DefaultLogger());
  core.setConfigurations(document);
  const asked = ['string', 'f', 'code', context] as const;
  const ours = createFlagEvaluator(document).resolve(...asked);
  expect(ours).toEqual(core.resolve(...asked));
  return ours.errorCode ?? ours.variant;
}

const isQuick = (rule: JsonValue, members?: ReadonlyMap<string, ReadonlySet<string>>): boolean =>
  compileQuickRule(rule, { flagKey: 'f', members }) !== undefined;

describe('compiled to functions, and answered as by flagd-core', () => {
  const on = (condition: JsonValue): JsonValue => ({ if: [condition, 'on', 'off'] });
  const segments = { var: 'segments' };
  const plan = { var: 'plan' };
  const age = { var: 'age' };
  test.each<[JsonValue, EvaluationContext, string]>([
    [on({ in: ['alpha', segments] }), ann, 'on'],
    [on({ in: ['alpha', segments] }), {}, 'off'],
    [on({ in: ['alp', segments] }), { segments: 'alpha' }, 'on'],
    [on({ in: ['', segments] }), { segments: '' }, 'off'],
    [on({ in: [plan, ['silver', 'gold']] }), ann, 'on'],
    [on({ '===': [plan, 'gold'] }), ann, 'on'],
    [on({ '===': [age, '17'] }), ann, 'off'],
    [on({ '!==': [age, '17'] }), ann, 'on'],
    [on({ '==': [plan, 'gold'] }), ann, 'on'],
    [on({ '>=': [age, 17] }), ann, 'on'],
    [on({ '<': [age, 17] }), ann, 'off'],
    [on({ starts_with: [plan, 'go'] }), ann, 'on'],
    [on({ ends_with: [plan, 'go'] }), ann, 'off'],
    [on({ and: [{ in: ['alpha', segments] }, { '!': [{ '===': [plan, 'gold'] }] }] }), ann, 'off'],
    [on({ or: [{ '===': [plan, 'iron'] }, { '>': [age, 16] }] }), ann, 'on'],
    [{ if: [false, 'off', { in: ['alpha', segments] }, 'on'] }, ann, 'on'],
    [{ if: [{ in: ['beta', segments] }, 'on'] }, ann, 'off'],
    [{ '===': [plan, 'gold'] }, ann, 'true'],
    [{ cat: ['o', { if: [true, 'n', 'ff'] }] }, ann, 'on'],
    [
      {
        fractional: [
          ['on', 0],
          ['off', 1],
        ],
      },
      ann,
      'off',
    ],
    [
      {
        fractional: [
          ['on', 0],
          ['off', 0],
        ],
      },
      ann,
      'off',
    ],
    [{ fractional: [['on'], ['on']] }, ann, 'on'],
    [{ fractional: [{ cat: ['seed:', { var: 'targetingKey' }] }, ['off', 0], ['on', 100_000]] }, ann, 'on'],
  ])('%j for %j: %s', (rule, context, variant) => {
    expect(isQuick(rule)).toBe(true);
    expect(answer(rule, context)).toBe(variant);
  });
});

describe('left to flagd-core', () => {
  test.each<[JsonValue, EvaluationContext, string]>([
    [{ if: [{ sem_ver: ['1.2.3', '>', '1.0.0'] }, 'on', 'off'] }, ann, 'on'],
    [{ if: [{ var: 'plan' }, 'on', 'off'] }, ann, 'on'],
    [{ if: [{ '===': [{ var: 'a.b' }, 1] }, 'on', 'off'] }, { a: { b: 1 } }, 'on'],
    [{ if: [{ '===': [{ var: ['x', 'gold'] }, 'gold'] }, 'on', 'off'] }, ann, 'on'],
    [{ if: [{ '===': [{ var: '$flagd.flagKey' }, 'f'] }, 'on', 'off'] }, ann, 'on'],
    [{ if: [{ '===': [{ var: 'toString' }, null] }, 'on', 'off'] }, ann, 'on'],
    [{ if: [{ some: [{ var: 'segments' }, { '==': [{ var: '' }, 'alpha'] }] }, 'on', 'off'] }, ann, 'on'],
    [
      {
        fractional: [
          ['on', 1],
          [{ var: 'plan' }, 0],
        ],
      },
      ann,
      'on',
    ],
    [
      {
        fractional: [
          ['on', 2 ** 30],
          ['off', 0],
        ],
      },
      ann,
      'on',
    ],
  ])('%j for %j: %s', (rule, context, variant) => {
    expect(isQuick(rule)).toBe(false);
    expect(answer(rule, context)).toBe(variant);
  });

  test.each<[string, JsonValue, EvaluationContext, string]>([
    ['a number is not a text', { starts_with: [{ var: 'plan' }, 'g'] }, { plan: 7 }, 'off'],
    ['two numbers are compared as such', { '==': [{ var: 'age' }, 17] }, ann, 'true'],
    ['so are a text and a number', { '>': [{ var: 'age' }, 16] }, { age: '17' }, 'true'],
    ['not a number is not compared', { '>': [{ var: 'age' }, 16] }, { age: Number.NaN }, 'GENERAL'],
    ['an object has no members', { in: ['a', { var: 'plan' }] }, { plan: { a: 1 } }, 'GENERAL'],
    [
      'a name of other letters',
      {
        fractional: [
          ['on', 1],
          ['on', 1],
        ],
      },
      { targetingKey: 'käthe' },
      'on',
    ],
    [
      'nobody',
      {
        fractional: [
          ['on', 1],
          ['on', 1],
        ],
      },
      {},
      'off',
    ],
  ])('an evaluation in which %s', (_why, rule, context, variant) => {
    expect(isQuick(rule)).toBe(true);
    expect(answer(rule, context)).toBe(variant);
  });
});

describe('segments', () => {
  const rule = { if: [{ in: ['alpha', { var: 'segments' }] }, 'on', 'off'] };
  const members = new Map([['alpha', new Set(['ann'])]]);
  it('are those that are given, whatever the context claims', () => {
    const evaluator = createFlagEvaluator(documentOf(rule), members);
    const variantOf = (context: EvaluationContext) =>
      evaluator.resolve('string', 'f', 'code', context).variant;
    expect(isQuick(rule, members)).toBe(true);
    expect(variantOf({ targetingKey: 'ann' })).toBe('on');
    expect(variantOf({ targetingKey: 'bob', segments: ['alpha'] })).toBe('off');
    expect(variantOf({ segments: ['alpha'] })).toBe('off');
  });

  it('are also told to rules that are flagd-core’s', () => {
    const some = { some: [{ var: 'segments' }, { '==': [{ var: '' }, 'alpha'] }] };
    const evaluator = createFlagEvaluator(documentOf({ if: [some, 'on', 'off'] }), members);
    const variantOf = (context: EvaluationContext) =>
      evaluator.resolve('string', 'f', 'code', context).variant;
    expect(isQuick(some, members)).toBe(false);
    expect(variantOf({ targetingKey: 'ann' })).toBe('on');
    expect(variantOf({ targetingKey: 'bob', segments: ['alpha'] })).toBe('off');
  });
});

it('answers everybody with the same objects, which nobody can change', () => {
  const evaluator = createFlagEvaluator(
    documentOf({ if: [{ '===': [{ var: 'plan' }, 'gold'] }, 'on', 'off'] }),
  );
  const first = evaluator.resolve('string', 'f', 'code', ann);
  expect(evaluator.resolve('string', 'f', 'code', { ...ann, targetingKey: 'bob' })).toBe(first);
  expect(Object.isFrozen(first)).toBe(true);
});

/** Austin Appleby's function over bytes, as SMHasher's verification and other implementations publish its values. */
test.each([
  ['', 0],
  ['a', 0x3c2569b2],
  ['abc', 0xb3dd93fa],
  ['test', 0xba6bd213],
  ['Hello, world!', 0xc0363e43],
  ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ['käthe', -1],
  ['ann€', -1],
])('the hash of %j is %d', (text, hash) => {
  expect(murmurHash(text)).toBe(hash);
});
