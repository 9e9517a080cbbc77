import { expect, it } from 'vitest';
import { stepsAfter } from './bind.ts';
import { aBoundPlan, aPhase, aStep } from './testing/fixtures.ts';

it('the steps after one are those below it, and those of later phases', () => {
  const bound = aBoundPlan({
    phases: [aPhase('one', aStep('a'), aStep('b')), aPhase('two', aStep('c'), aStep('d'))],
  });
  const idsAfter = (id: string) => stepsAfter(bound, id).map((step) => step.id);
  expect([idsAfter('a'), idsAfter('c'), idsAfter('d'), idsAfter('unknown')]).toEqual([
    ['b', 'c', 'd'],
    ['d'],
    [],
    [],
  ]);
});
