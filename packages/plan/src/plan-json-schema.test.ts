import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { planJsonSchema } from './plan-json-schema.ts';
import { examplePlan, exampleVocabulary } from './testing/example-plan.ts';

const validate = new Ajv2020({ strict: false }).compile(planJsonSchema(exampleVocabulary));

it('accepts the example', () => {
  validate(parse(examplePlan));
  expect(validate.errors).toBeNull();
});

it.each([
  ['type: wait', 'type: wiat'],
  ['for: 2d', 'form: 2d'],
  ['for: 2d', 'for: 2 days'],
  ['percentage: 5,', 'percentage: 120,'],
  ['measure: share_above', 'measure: ratio'],
  ['title: Rest', 'titel: Rest'],
  ['at: week 1 tuesday', 'at: some day'],
  ['        file: sql/001.sql\n', ''],
])('refuses %s → %s', (from, to) => {
  expect(validate(parse(examplePlan.replace(from, to)))).toBe(false);
});

it('tells editors what each kind of step is', () => {
  expect(JSON.stringify(planJsonSchema(exampleVocabulary))).toContain(
    'Turns flags on for one group after the other.',
  );
});
