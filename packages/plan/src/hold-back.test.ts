import { describe, expect, it } from 'vitest';
import { parsePlan } from './parse-plan.ts';
import { exampleFiles, examplePlan, exampleVocabulary } from './testing/example-plan.ts';

const alpha = 'segment: power_users, percentage: 5, at: week 2 tuesday';

function parse(group: string, stage = '') {
  const yaml = examplePlan
    .replace(alpha, `segment: power_users, ${group}`)
    .replace('{ group: alpha', `{ group: alpha${stage}`);
  return parsePlan(exampleFiles(yaml), exampleVocabulary, { today: '2026-03-02' });
}
const told = (group: string, stage?: string): readonly string[] =>
  parse(group, stage).findings.map(({ path, message, expected }) => `${path}: ${message} | ${expected}`);

describe('a group that holds some of its people back', () => {
  it('says which share, none unless it is told', () => {
    expect(parse('percentage: 50, hold_back: 5%').plan?.groups['alpha']).toMatchObject({ holdBack: 5 });
    expect(parse('percentage: 50').plan?.groups['alpha']).toMatchObject({ holdBack: 0 });
  });

  it.each([
    'percentage: 95, hold_back: 5',
    'percentage: 66.6, hold_back: 33.4',
    'percentage: 0, hold_back: 100',
  ])('may take all the room that is left: %s', (group) => {
    expect(told(group)).toEqual([]);
  });

  it('leaves room for its percentage', () => {
    expect(told('percentage: 96, hold_back: 5')).toEqual([
      'groups.alpha.hold_back: hold_back cannot be 5. | a share that leaves room for the percentage: 100 % together at most',
    ]);
  });

  it('leaves room for the percentage of each stage', () => {
    expect(told('percentage: 5, hold_back: 5', ', percentage: 95')).toEqual([]);
    expect(told('percentage: 5, hold_back: 5.5', ', percentage: 100')).toEqual([
      'phases[1].steps[0].stages[0].percentage: alpha cannot have 100 % while 5.5 % of it are held back. | at most 94.5 %',
    ]);
  });
});

describe('a segment', () => {
  const parseSegment = (settings: string) => {
    const yaml = examplePlan.replace('where power }', `where power${settings} }`);
    return parsePlan(exampleFiles(yaml), exampleVocabulary, { today: '2026-03-02' });
  };

  it('is looked at once a day of the plan, and may cost a million, unless it says otherwise', () => {
    expect(parseSegment('').plan?.segments['power_users']).toMatchObject({
      refreshMs: 86_400_000,
      maxCost: 1_000_000,
    });
    expect(parseSegment(', refresh: 1h, max_cost: 500').plan?.segments['power_users']).toMatchObject({
      refreshMs: 3_600_000,
      maxCost: 500,
    });
  });

  it.each(['refresh: often', 'max_cost: 0', 'max_cost: cheap'])('is refused with %s', (setting) => {
    expect(parseSegment(`, ${setting}`).findings).toHaveLength(1);
  });
});
