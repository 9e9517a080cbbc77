import { expect, it } from 'vitest';
import { z } from 'zod';
import { parsePlan } from './parse-plan.ts';
import { exampleFiles, examplePlan, exampleVocabulary } from './testing/example-plan.ts';

const settings = z.object({ parameter: z.string(), value: z.number() });
const set = {
  configSchema: settings,
  reversibility: 'reversible' as const,
  references: (config: unknown) => ({
    files: [],
    gates: [],
    flags: [],
    groups: [],
    parameters: [settings.parse(config).parameter],
  }),
  lint: () => [],
  parameterValues: (config: unknown) => [{ setting: 'value', ...settings.parse(config) }],
};

function told(step: string, from = '', to = ''): string[] {
  const yaml = examplePlan
    .replace('type: wait', 'type: set')
    .replace('for: 2d', step)
    .replace(from, () => to);
  const vocabulary = { ...exampleVocabulary, steps: { ...exampleVocabulary.steps, set } };
  return parsePlan(exampleFiles(yaml), vocabulary, { today: '2026-03-02' }).findings.map(
    ({ line, column, path, message, expected }) => `${line}:${column} ${path}: ${message} | ${expected}`,
  );
}

it.each([0, 100, 0.5])('a step may set a parameter to %d, which is within its limits', (value) => {
  expect(told(`parameter: cache_share\n        value: ${value}`)).toEqual([]);
});

it.each([-50, 100.5])('a step cannot set a parameter to %d, beyond its limits', (value) => {
  expect(told(`parameter: cache_share\n        value: ${value}`)).toEqual([
    `38:16 phases[0].steps[1].value: value cannot be ${value}. | a number from 0 to 100, the limits of cache_share`,
  ]);
});

it('says nothing about limits that are missing: that is told by itself', () => {
  expect(told('parameter: cache_shared\n        value: -1')).toEqual([
    '37:20 phases[0].steps[1].parameter: There is no parameter cache_shared. | one of cache_share',
  ]);
  expect(told('parameter: cache_share\n        value: -1', 'minimum: 0', 'minimum: low')).toEqual([
    '17:60 parameters.cache_share.minimum: minimum cannot be "low". | a number',
  ]);
});
