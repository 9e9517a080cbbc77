import { describe, expect, it } from 'vitest';
import { createDocumentEvaluator } from './document-evaluator.ts';
import { createFlagEvaluator } from './evaluation/flag-evaluator.ts';
import { loadFlags } from './flag-document.ts';
import { sha256Hex } from './sha256.ts';

const flag = (targeting?: unknown) => ({
  state: 'ENABLED',
  variants: { on: true, off: false },
  defaultVariant: 'off',
  ...(targeting !== undefined && { targeting }),
});
const inSegment = (name: string) => ({ if: [{ in: [name, { var: 'segments' }] }, 'on', 'off'] });
const share = { fractional: [{ cat: ['seed', { var: 'targetingKey' }] }, ['on', 50], ['off', 50]] };
const parts = {
  metadata: { owner: 'team' },
  $evaluators: { mail: { ends_with: [{ var: 'email' }, '@example.org'] } },
  flags: {
    plain: flag(),
    shared: flag({ if: [{ $ref: 'mail' }, 'on', 'off'] }),
    keen: flag(inSegment('keen')),
    part: flag(share),
    disabled: { ...flag(), state: 'DISABLED' },
    number: { state: 'ENABLED', variants: { value: 40 }, defaultVariant: 'value' },
  },
};
const document = JSON.stringify(parts);
const members = new Map([['keen', new Set(['ann', 'bob'])]]);
const keys = [...Object.keys(parts.flags), 'nowhere', '__proto__', 'toString'];
const contexts = ['ann', 'bob', 'cleo', 'dora', 'emil', 'fay'].map((targetingKey, at) => ({
  targetingKey,
  email: `${targetingKey}@example.${at % 2 === 0 ? 'org' : 'net'}`,
}));

describe('a document whose flags are compiled one by one', () => {
  it('answers as when it is compiled whole', () => {
    const [byFlag, whole] = [
      createDocumentEvaluator(document, members),
      createFlagEvaluator(document, members),
    ];
    expect(byFlag.keys).toEqual(whole.keys);
    const answers = keys.flatMap((key) =>
      contexts.map((context) => [byFlag.evaluate(key, context), whole.evaluate(key, context)] as const),
    );
    for (const [answer, expected] of answers) expect(answer).toEqual(expected);
    for (const key of keys) {
      for (const context of contexts) {
        const asked = [key, false, context] as const;
        expect(byFlag.resolve('boolean', ...asked)).toEqual(whole.resolve('boolean', ...asked));
        expect(byFlag.resolve('number', key, 7, context)).toEqual(whole.resolve('number', key, 7, context));
      }
    }
    expect(new Set(answers.map(([{ value }]) => value))).toEqual(new Set([true, false, 40, undefined]));
  });

  it('takes over from the document before whatever is the same, and nothing else', () => {
    const before = createDocumentEvaluator(document, members);
    const changed = JSON.stringify({ ...parts, flags: { ...parts.flags, keen: flag() } });
    const after = createDocumentEvaluator(changed, members, before);
    const kept = after.keys.filter((key) => after.compiled.get(key) === before.compiled.get(key));
    expect(kept).toEqual(after.keys.filter((key) => key !== 'keen'));
    expect(after.evaluate('keen', { targetingKey: 'ann' }).value).toBe(false);

    const otherMail = { mail: { ends_with: [{ var: 'email' }, '@example.net'] } };
    const shared = createDocumentEvaluator(
      JSON.stringify({ ...parts, $evaluators: otherMail }),
      members,
      before,
    );
    const ann = { targetingKey: 'ann', email: 'ann@example.org' };
    expect([before, shared].map((one) => one.evaluate('shared', ann).value)).toEqual([true, false]);
  });

  it('goes by the members of now, whoever they were before', () => {
    const snapshotOf = (revision: number, keen: readonly string[]) => ({
      revision,
      document,
      digest: sha256Hex(document),
      segments: new Map([['keen', new Set(keen)]]),
    });
    const first = loadFlags(snapshotOf(1, ['ann']));
    const same = loadFlags(snapshotOf(2, ['ann']), first);
    const grown = loadFlags(snapshotOf(3, ['ann', 'bob']), same);
    const forBob = [first, same, grown].map(({ evaluator }) =>
      evaluator.evaluate('keen', { targetingKey: 'bob' }),
    );
    expect(forBob.map(({ value }) => value)).toEqual([false, false, true]);
    expect(same.evaluator.compiled.get('keen')).toBe(first.evaluator.compiled.get('keen'));
    expect(same.snapshot.revision).toBe(2);
  });

  it.each(['', 'null', '[]', '{}', '{"flags":[]}', '{"flags":{"a":{"state":"LOUD"}}}'])(
    'refuses %j',
    (text) => {
      expect(() => createDocumentEvaluator(text, members)).toThrow(/^expected a flagd document: /);
    },
  );
});
