import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parsePlan } from './parse-plan.ts';
import { exampleFiles, examplePlan, exampleVocabulary } from './testing/example-plan.ts';
import type { StepVocabulary } from './vocabulary.ts';

const settings = z.strictObject({ of: z.string() });
const drop: StepVocabulary = {
  configSchema: settings,
  reversibility: 'contract',
  references: (config) => ({
    files: [],
    gates: [],
    flags: [],
    groups: [],
    parameters: [],
    steps: [{ id: settings.parse(config).of, type: 'schema' }],
  }),
  lint: () => [],
};

/** What is told of a plan with such a step at its end. */
function told(step: string): string[] {
  const yaml = `${examplePlan}      - { id: drop, type: drop, title: Drop, ${step} }\n`;
  const vocabulary = { ...exampleVocabulary, steps: { ...exampleVocabulary.steps, drop } };
  const { findings } = parsePlan(exampleFiles(yaml), vocabulary, { today: '2026-03-02' });
  return findings.map(({ path, message, expected }) => `${path}: ${message} | ${expected}`);
}

const at = 'phases[1].steps[1]';

describe('a step that cannot be taken back', () => {
  it('comes right after a step with gates, and after the step that it is of', () => {
    expect(told('after: [open], of: add-tables')).toEqual([]);
  });

  it.each(['of: add-tables', 'after: [], of: add-tables'])(
    'is refused with nothing before it: %s',
    (step) => {
      expect(told(step)).toEqual([
        `${at}: The step drop cannot be taken back, and nothing right before it can say no. | an "after" with a step that has gates, such as a check of this phase`,
      ]);
    },
  );
});

describe('a step that another builds upon', () => {
  it('must be there', () => {
    expect(told('after: [open], of: add-table')).toEqual([
      `${at}.of: There is no step add-table. | a step of type schema: add-tables`,
    ]);
  });

  it('must be of the right type', () => {
    expect(told('after: [open], of: rest')).toEqual([
      `${at}.of: The step rest is of type wait. | a step of type schema: add-tables`,
    ]);
  });

  it('must be done before', () => {
    const late = '- { id: late, type: schema, title: Late, file: sql/001.sql }';
    expect(told(`after: [open], of: late }\n      ${late.replace(' }', '')}`)).toEqual([
      `${at}.of: The step late need not be done before this one. | a step of an earlier phase, or one that "after" leads to`,
    ]);
  });
});
