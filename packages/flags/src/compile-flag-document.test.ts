import { MemoryStorage } from '@openfeature/flagd-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFlagDocument } from './compile-flag-document.ts';
import { FlagPlanError } from './flag-plan.ts';
import type { FlagAudience, FlagPlan } from './flag-plan.ts';

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** Evaluates as flagd does, after flagd's own strict check of the document. */
function evaluator(plan: FlagPlan): (key: string, person: string, segments?: readonly string[]) => unknown {
  const storage = new MemoryStorage(silent);
  storage.setConfigurations(compileFlagDocument(plan).document, true);
  return (key, targetingKey, segments = []) =>
    storage.getFlag(key)?.evaluate({ targetingKey, segments: [...segments] }, silent).value;
}

/** One flag, "search", with these audiences. */
function isOn(
  ...audiences: readonly FlagAudience[]
): (person: string, segments?: readonly string[]) => boolean {
  const evaluate = evaluator(planOf(...audiences));
  return (person, segments) => evaluate('search', person, segments) === true;
}

function planOf(...audiences: readonly FlagAudience[]): FlagPlan {
  return { seed: 'batch-2', flags: [{ key: 'search', killed: false, audiences }], parameters: [] };
}

const everybody = (percentage: number): FlagAudience => ({ segment: null, percentage });
const powerUsers = (percentage: number): FlagAudience => ({ segment: 'power_users', percentage });
const people = fc.sample(fc.uuid(), { numRuns: 20_000, seed: 7 });

const somePercentage = fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1000);
const someSegment = fc.constantFrom(null, 'power_users', 'active_users', 'staff');
const someAudience = fc
  .record({
    segment: someSegment,
    percentage: somePercentage,
    heldBack: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ segment, percentage, heldBack }): FlagAudience => {
    // Any share of those who are not in, and often none.
    const rest = Math.round((100 - percentage) * Math.max(0, heldBack - 0.5) * 1000) / 1000;
    return rest > 0 ? { segment, percentage, holdBack: rest } : { segment, percentage };
  });
const someAudiences = fc.array(someAudience, { maxLength: 5 });
const someSegments = fc.subarray(['power_users', 'active_users', 'staff']);

describe('the people a flag takes', () => {
  test.each([0.1, 5, 20, 50, 75, 99.9])('%d %% of everybody is that share of many people', (percentage) => {
    const on = isOn(everybody(percentage));
    const share = people.filter((person) => on(person)).length / people.length;
    // Five standard deviations of so many independent people.
    const p = percentage / 100;
    expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / people.length));
  });

  test('are those of the plan that opened it, also beside the flags of another plan', () => {
    const before = isOn(everybody(20));
    const flags = [
      { key: 'search', seed: 'batch-2', killed: false, audiences: [everybody(20)] },
      { key: 'calls', killed: false, audiences: [everybody(20)] },
    ];
    const evaluate = evaluator({ seed: 'batch-3', flags, parameters: [] });
    const some = people.slice(0, 2_000);
    const takenBefore = some.filter((person) => before(person));
    expect(some.filter((person) => evaluate('search', person) === true)).toEqual(takenBefore);
    expect(some.filter((person) => evaluate('calls', person) === true)).not.toEqual(takenBefore);
  });

  test('nobody is taken without an audience, and everybody at 100 %', () => {
    expect(people.filter((person) => isOn()(person))).toEqual([]);
    expect(people.filter((person) => isOn(everybody(0))(person))).toEqual([]);
    const all = isOn(everybody(100));
    expect(people.filter((person) => !all(person))).toEqual([]);
  });

  test('a segment takes its own people only', () => {
    const on = isOn(powerUsers(100));
    expect(on('anyone', ['power_users'])).toBe(true);
    expect(on('anyone', ['active_users'])).toBe(false);
    expect(on('anyone')).toBe(false);
  });

  test('nobody falls out when a percentage grows', () => {
    fc.assert(
      fc.property(fc.uuid(), someSegment, somePercentage, somePercentage, (person, segment, a, b) => {
        const segments = segment === null ? [] : [segment];
        const before = isOn({ segment, percentage: Math.min(a, b) })(person, segments);
        const after = isOn({ segment, percentage: Math.max(a, b) })(person, segments);
        expect(before && !after).toBe(false);
      }),
    );
  });

  test('nobody falls out when an audience is added', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        someSegments,
        someAudiences,
        someAudience,
        (person, segments, audiences, added) => {
          const before = isOn(...audiences)(person, segments);
          const after = isOn(...audiences, added)(person, segments);
          expect(before && !after).toBe(false);
        },
      ),
    );
  });

  test('several audiences take the union of what each takes', () => {
    fc.assert(
      fc.property(fc.uuid(), someSegments, someAudiences, (person, segments, audiences) => {
        const byAny = audiences.some((audience) => isOn(audience)(person, segments));
        expect(isOn(...audiences)(person, segments)).toBe(byAny);
      }),
    );
  });

  test('all flags of a plan take the same people, and another plan others', () => {
    const keys = ['virtual_scrolling', 'e2e_encryption', 'multi_agent', 'advanced_search'];
    const flags = keys.map((key) => ({ key, killed: false, audiences: [everybody(20)] }));
    const takenBy = (seed: string, key: string): string[] => {
      const evaluate = evaluator({ seed, flags, parameters: [] });
      return people.slice(0, 2_000).filter((person) => evaluate(key, person) === true);
    };
    const taken = takenBy('batch-2', 'virtual_scrolling');
    expect(taken.length).toBeGreaterThan(0);
    for (const key of keys) expect(takenBy('batch-2', key)).toEqual(taken);
    expect(takenBy('batch-3', 'virtual_scrolling')).not.toEqual(taken);
  });
});

describe('who is held back', () => {
  const held = (percentage: number, holdBack: number): FlagAudience => ({
    segment: 'power_users',
    percentage,
    holdBack,
  });
  const variants = (...audiences: readonly FlagAudience[]) => {
    const storage = new MemoryStorage(silent);
    storage.setConfigurations(compileFlagDocument(planOf(...audiences)).document, true);
    return (targetingKey: string, segments: readonly string[]) =>
      storage.getFlag('search')?.evaluate({ targetingKey, segments: [...segments] }, silent).variant;
  };
  const some = people.slice(0, 5_000);

  test('is the same share of a segment’s people at every stage, and sees what the others saw before', () => {
    const atFive = variants(held(5, 10));
    const atNinety = variants(held(90, 10));
    const control = some.filter((person) => atFive(person, ['power_users']) === 'control');
    expect(control.length).toBeGreaterThan(0.08 * some.length);
    expect(control.length).toBeLessThan(0.12 * some.length);
    expect(some.filter((person) => atNinety(person, ['power_users']) === 'control')).toEqual(control);
    expect(some.filter((person) => atNinety(person, ['power_users']) === 'on').length).toBe(
      some.length - control.length,
    );
    const isOnAtNinety = isOn(held(90, 10));
    expect(control.filter((person) => isOnAtNinety(person, ['power_users']))).toEqual([]);
  });

  test('nobody outside of the segment, nor anybody whom another audience lets in', () => {
    const variant = variants(held(90, 10), { segment: 'active_users', percentage: 100 });
    expect(new Set(some.map((person) => variant(person, [])))).toEqual(new Set(['off']));
    expect(new Set(some.map((person) => variant(person, ['power_users', 'active_users'])))).toEqual(
      new Set(['on']),
    );
  });

  test('leaves no trace in the document when it is nobody', () => {
    const { document } = compileFlagDocument(planOf(held(0, 10)));
    expect(document).toBe(compileFlagDocument(planOf()).document);
  });
});

describe('an override', () => {
  const [anna = '', ben = '', ...others] = people.slice(0, 500);
  const overridden = (audiences: readonly FlagAudience[], on: readonly string[], off: readonly string[]) =>
    evaluator({
      ...planOf(),
      flags: [{ key: 'search', killed: false, audiences, overrides: { on, off } }],
    });

  test('decides for one person, and leaves everybody else alone', () => {
    const evaluate = overridden([everybody(100)], [], [anna]);
    expect(evaluate('search', anna)).toBe(false);
    expect(others.filter((person) => evaluate('search', person) !== true)).toEqual([]);
    const few = overridden([powerUsers(100)], [ben], []);
    expect(few('search', ben)).toBe(true);
    expect(others.filter((person) => few('search', person) !== false)).toEqual([]);
  });

  test('off wins where both were said', () => {
    expect(overridden([everybody(100)], [anna], [anna])('search', anna)).toBe(false);
  });

  test('is on for nobody while the flag is open to nobody: what it needs may not be there', () => {
    expect(overridden([], [anna], [])('search', anna)).toBe(false);
    expect(overridden([everybody(0)], [anna], [])('search', anna)).toBe(false);
  });

  test('never wins against the kill switch', () => {
    const flags = [
      { key: 'search', killed: true, audiences: [everybody(100)], overrides: { on: [anna], off: [] } },
    ];
    expect(evaluator({ ...planOf(), flags })('search', anna)).toBe(false);
  });

  test('gives the same document in whatever order they were said', () => {
    const documentOf = (on: readonly string[]) =>
      compileFlagDocument({
        ...planOf(),
        flags: [{ key: 'search', killed: false, audiences: [everybody(5)], overrides: { on, off: [] } }],
      }).document;
    expect(documentOf([anna, ben])).toBe(documentOf([ben, anna]));
  });
});

describe('the kill switch', () => {
  test('is off for everybody by the document alone, whatever default stands in the code', () => {
    const plan = { ...planOf(), flags: [{ key: 'search', killed: true, audiences: [everybody(100)] }] };
    expect(JSON.parse(compileFlagDocument(plan).document)).toEqual({
      flags: { search: { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off' } },
    });
  });
});

describe('the document', () => {
  test('is flagd JSON with sorted keys, whole weights and one bucketing key for all flags', () => {
    const { document, digest } = compileFlagDocument({
      ...planOf(powerUsers(5)),
      parameters: [{ key: 'query_cache_share', value: 10 }],
    });
    expect(document).toBe(
      '{"flags":{' +
        '"query_cache_share":{"defaultVariant":"value","state":"ENABLED","variants":{"value":10}},' +
        '"search":{"defaultVariant":"off","state":"ENABLED","targeting":{"if":[' +
        '{"in":["power_users",{"var":"segments"}]},' +
        '{"fractional":[{"cat":["batch-2:",{"var":"targetingKey"}]},["on",5000],["off",95000]]}' +
        ']},"variants":{"off":false,"on":true}}}}',
    );
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, readonly FlagAudience[], readonly FlagAudience[]]>([
    ['the order of audiences', [powerUsers(20), everybody(5)], [everybody(5), powerUsers(20)]],
    ['an audience of nobody', [everybody(5)], [everybody(5), powerUsers(0)]],
    ['an audience that everybody contains', [everybody(50)], [powerUsers(50), everybody(50)]],
    ['a smaller share of the same segment', [powerUsers(20)], [powerUsers(5), powerUsers(20)]],
  ])('does not change with %s', (_what, one, other) => {
    expect(compileFlagDocument(planOf(...one))).toEqual(compileFlagDocument(planOf(...other)));
  });

  test('does not change with the order of flags and parameters, but with what they say', () => {
    const flags = ['a', 'b'].map((key) => ({ key, killed: false, audiences: [] }));
    const plan = { seed: 'batch-2', flags, parameters: [{ key: 'c', value: 1 }] };
    const { digest } = compileFlagDocument(plan);
    expect(compileFlagDocument({ ...plan, flags: flags.toReversed() }).digest).toBe(digest);
    expect(compileFlagDocument({ ...plan, parameters: [{ key: 'c', value: 2 }] }).digest).not.toBe(digest);
  });

  test('is accepted by flagd’s own schema whatever the plan says', () => {
    fc.assert(
      fc.property(someAudiences, (audiences) => {
        expect(() => evaluator(planOf(...audiences))).not.toThrow();
      }),
    );
  });
});

describe('a plan that would silently do something else is refused', () => {
  test.each<[string, FlagPlan, string]>([
    ['120 %', planOf(everybody(120)), 'flag "search", everybody: percentage 120: expected 0 to 100'],
    [
      '-1 %',
      planOf(powerUsers(-1)),
      'flag "search", segment "power_users": percentage -1: expected 0 to 100',
    ],
    ['NaN', planOf(everybody(Number.NaN)), 'flag "search", everybody: percentage NaN: expected 0 to 100'],
    ['0.0005 %', planOf(everybody(0.0005)), 'percentage 0.0005: expected at most three decimals'],
    [
      'more held back than is left',
      planOf({ segment: null, percentage: 96, holdBack: 5 }),
      'flag "search", everybody: percentage 96 and hold-back 5: expected 100 together at most',
    ],
    [
      'a hold-back of -1 %',
      planOf({ segment: null, percentage: 5, holdBack: -1 }),
      'flag "search", everybody: hold-back -1: expected 0 to 100',
    ],
    [
      'an override for somebody whom others hash differently',
      {
        ...planOf(),
        flags: [{ key: 'search', killed: false, audiences: [], overrides: { on: ['é'], off: [] } }],
      },
      'flag "search", override for "é": expected printable ASCII',
    ],
    [
      'overrides for more people than a document should name',
      {
        ...planOf(),
        flags: [
          {
            key: 'search',
            killed: false,
            audiences: [],
            overrides: { on: [], off: Array.from({ length: 1_001 }, (_, n) => `p${n}`) },
          },
        ],
      },
      'flag "search": 1001 overrides: expected 1000 at most, or a segment',
    ],
    ['a nameless segment', planOf({ segment: '', percentage: 5 }), "expected a segment's name"],
    [
      'a seed that others hash differently',
      { ...planOf(), seed: 'größe' },
      'seed "größe": expected printable ASCII',
    ],
    [
      'a seed of one flag that others hash differently',
      { ...planOf(), flags: [{ key: 'search', seed: 'größe', killed: false, audiences: [] }] },
      'seed "größe": expected printable ASCII',
    ],
    ['an empty seed', { ...planOf(), seed: '' }, 'seed "": expected printable ASCII'],
    [
      'an empty key',
      { ...planOf(), parameters: [{ key: '', value: 1 }] },
      'key "": expected printable ASCII without blanks',
    ],
    [
      'a key twice',
      { ...planOf(), parameters: [{ key: 'search', value: 1 }] },
      'key "search": expected once, found again',
    ],
    [
      'an endless parameter',
      { ...planOf(), parameters: [{ key: 'share', value: Number.POSITIVE_INFINITY }] },
      'parameter "share": value Infinity: expected a finite number',
    ],
  ])('%s', (_what, plan, problem) => {
    expect(() => compileFlagDocument(plan)).toThrow(FlagPlanError);
    expect(() => compileFlagDocument(plan)).toThrow(problem);
  });

  test('with all of its problems at once', () => {
    const plan = { ...planOf(everybody(120), powerUsers(-1)), seed: '' };
    expect(() => compileFlagDocument(plan)).toThrow(/seed[^]*percentage 120[^]*percentage -1/);
  });
});
