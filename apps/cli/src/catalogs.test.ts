import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPlan } from './catalogs.ts';
import { readPlanFolder } from './plan-folder.ts';
import { starterPlan } from './starter-plan.ts';

const batch2 = join(import.meta.dirname, '..', '..', '..', 'plans', 'batch-2');

describe('plans of this repository', () => {
  it('plans/batch-2 has no findings', () => {
    const { bound, findings } = checkPlan(readPlanFolder(batch2).files);
    expect(findings).toEqual([]);
    expect(bound?.plan.phases).toHaveLength(5);
  });

  it('what "crossfade init" writes has no findings', () => {
    expect(checkPlan(starterPlan).findings).toEqual([]);
  });

  it('is another plan when a file of it is edited', () => {
    const { files } = readPlanFolder(batch2);
    const edited = {
      ...files,
      'sql/001_add_performance_indexes.sql': `${files['sql/001_add_performance_indexes.sql']}\n`,
    };
    expect(checkPlan(edited).bound?.digest).not.toBe(checkPlan(files).bound?.digest);
  });
});

describe('a plan with mistakes', () => {
  const mistakes: readonly (readonly [string, string, string, RegExp])[] = [
    ['a percentage of 120', 'percentage: 5', 'percentage: 120', /120/],
    ['an unknown step type', 'type: backfill', 'type: backfil', /backfil/],
    ['a missing SQL file', 'sql/001_add_display_name.sql', 'sql/none.sql', /sql\/none\.sql/],
    [
      'a cycle',
      'title: Add the column',
      'after: [fill]\n        title: Add the column',
      /column.*fill|fill.*column/,
    ],
    ['an unknown gate', 'guardrails: [slowness_hurts]', 'guardrails: [slownes_hurts]', /slownes_hurts/],
  ];

  it.each(mistakes)('%s is refused, with its line', (_name, right, wrong, told) => {
    const { bound, findings } = checkPlan({
      ...starterPlan,
      'plan.yaml': (starterPlan['plan.yaml'] ?? '').replace(right, wrong),
    });
    expect(bound).toBeUndefined();
    const errors = findings.filter((finding) => finding.severity === 'error');
    expect(errors.map((finding) => `${finding.line} ${finding.message} ${finding.value}`).join('\n')).toMatch(
      told,
    );
    expect(errors.every((finding) => finding.line > 1)).toBe(true);
  });
});
