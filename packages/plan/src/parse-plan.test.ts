import { describe, expect, it } from 'vitest';
import { parsePlan } from './parse-plan.ts';
import type { ParsedPlan } from './parse-plan.ts';
import { exampleFiles, examplePlan, exampleVocabulary, rolloutType } from './testing/example-plan.ts';

const options = { today: '2026-03-02' };

function parse(yaml: string): ParsedPlan {
  return parsePlan(exampleFiles(yaml), exampleVocabulary, options);
}

function lines(parsed: ParsedPlan): string[] {
  return parsed.findings.map(({ severity, line, column, path, message, expected, hint }) =>
    [`${line}:${column} ${severity} ${path}: ${message}`, expected, hint].filter(Boolean).join(' | '),
  );
}

describe('a plan without mistakes', () => {
  it('has its default time to the minute', () => {
    const { plan } = parse(examplePlan.replace('default_time: "09:00"', 'default_time: "14:45"'));
    expect(plan?.calendar.defaultMinuteOfDay).toBe(14 * 60 + 45);
  });

  it('is read with all defaults filled in', () => {
    const { plan, findings } = parse(examplePlan);
    expect(findings).toEqual([]);
    expect(plan?.calendar.defaultMinuteOfDay).toBe(540);
    expect(plan?.groups['general']).toEqual({
      title: 'Everybody',
      segment: null,
      percentage: 100,
      holdBack: 0,
      at: null,
    });
    expect(plan?.gates['fast']?.config).toEqual({ measure: 'share_above', edge: 0.2, at_most: 5 });
    expect(plan?.phases[0]?.steps[0]).toEqual({
      id: 'add-tables',
      type: 'schema',
      title: 'Add tables',
      description: '',
      notice: null,
      at: { kind: 'weekday', week: 1, weekday: 1, minuteOfDay: null },
      after: [],
      config: { file: 'sql/001.sql', attempts: 60 },
    });
    expect(plan?.phases[1]?.steps[0]?.config).toMatchObject({
      stages: [{ bake: 172_800_000 }, { percentage: 50 }],
    });
  });

  it('is frozen, and the same after a way through JSON', () => {
    const { plan } = parse(examplePlan);
    expect(Object.isFrozen(plan?.phases[1]?.steps[0]?.config)).toBe(true);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

describe('what findings say', () => {
  /** What is written, what is written instead, and the text that the finding must point at. */
  const mistakes: readonly (readonly [string, string, string])[] = [
    ['percentage: 5,', 'percentage: 120,', '120'],
    ['type: wait', 'type: wiat', 'wiat'],
    ['type: health', 'type: healthy', 'healthy'],
    ['sql/001.sql', 'sql/01.sql', 'sql/01.sql'],
    ['flags: [search]', 'flags: [serach]', 'serach'],
    ['group: alpha', 'group: beta', 'beta'],
    ['gates: [fast]', 'gates: [fats]', 'fats'],
    ['segment: power_users', 'segment: power_user', 'power_user,'],
    ['guardrails: [fast]', 'guardrails: [quick]', 'quick'],
    ['gate: fast }', 'gate: fastt }', 'fastt'],
    ['after: [add-tables]', 'after: [add-table]', 'add-table]'],
    ['after: [add-tables]', 'after: [open]', 'open'],
    ['id: open', 'id: rest', 'rest'],
    ['id: open', 'id: Open It', 'Open It'],
    ['for: 2d', 'for: 2 days', '2 days'],
    ['for: 2d', 'form: 2d', 'form'],
    ['bake: 2d', 'bakes: 2d', 'bakes'],
    ['        for: 2d\n', '', 'id: rest'],
    ['title: An example', 'tittle: An example', 'tittle'],
    ['title: An example', 'title: [An, example]', '[An'],
    ['at: week 1 tuesday', 'at: week 3 tuesday', 'week 3'],
    ['at: week 1 tuesday', 'at: week one tuesday', 'week one'],
    ['at: week 2 friday', 'at: week 9 friday', 'week 9'],
    ['at: week 1 tuesday', 'at: 2024-02-01', '2024-02-01'],
    ['at_most: 5%', 'at_most: lots', 'lots'],
    ['measure: share_above', 'measure: shares_above', 'shares_above'],
    ['path: /readyz', 'path: 7', '7'],
    ['crossfade: 1', 'crossfade: 2', '2'],
    ['weeks: 2', 'weeks: two', 'two'],
    ['maximum: 100', 'maximum: .inf', '.inf'],
    ['default: 0', 'default: 101', '101'],
    ['  search: {', '  Search it: {', 'Search it'],
    ['flags:\n  search', 'flags:\n  search: { title: Again }\n  search', 'search: { title: Search'],
    ['flags:\n  search', 'flags:\n  ? [a, b]\n  : 1\n  search', '[a, b]'],
    ['phases:', 'phases: []\nphase:', 'phase:'],
    ['      - id: rest', '      - !step id: rest', '!step'],
    ['guardrails: [fast]', 'guardrails: [fast', 'success'],
  ];

  it.each(mistakes)('%s → %s', (from, to, pointedAt) => {
    const changed = examplePlan.replace(from, to);
    expect(changed).not.toBe(examplePlan);
    const rows = changed.split('\n');
    const places = parse(changed).findings.map(({ line, column }) => rows[line - 1]?.slice(column - 1) ?? '');
    expect(places.filter((text) => `${text}\n`.startsWith(pointedAt))).not.toEqual([]);
  });

  it('is worded as in findings.golden.txt', async () => {
    const worded = mistakes.map(([from, to]) =>
      [`${shown(from)} → ${shown(to)}`, ...lines(parse(examplePlan.replace(from, to)))].join('\n  '),
    );
    await expect(`${worded.join('\n\n')}\n`).toMatchFileSnapshot('testing/findings.golden.txt');
  });

  it('names the whole circle of steps that wait for each other', () => {
    const yaml = examplePlan.replace('at: week 1 tuesday', 'after: [rest]');
    expect(lines(parse(yaml))).toEqual([
      '31:16 error phases[0].steps[0].after: These steps wait for each other: add-tables → rest → add-tables. | an order without a circle',
    ]);
  });

  it('warns of a step that is earlier than what must come before it', () => {
    expect(lines(parse(examplePlan.replace('for: 2d', 'at: week 1 monday\n        for: 2d')))).toEqual([
      '37:13 warning phases[0].steps[1].at: This is earlier than the step add-tables, which must be done before. | a moment after add-tables',
    ]);
  });

  it("carries a step type's own lint to the step", () => {
    const files = { ...exampleFiles(), 'sql/001.sql': 'create table a ();' };
    expect(lines(parsePlan(files, exampleVocabulary, options))).toEqual([
      '28:9 error phases[0].steps[0]: sql/001.sql has no undo: expected a section after a line "-- crossfade:undo".',
    ]);
  });

  it('shows a lint that begins with a setting at that setting', () => {
    const lint = (): string[] => ['stages[1].percentage: shrinks', 'nothing: of the kind'];
    const steps = { ...exampleVocabulary.steps, rollout: { ...rolloutType, lint } };
    expect(lines(parsePlan(exampleFiles(), { ...exampleVocabulary, steps }, options))).toEqual([
      '41:9 error phases[1].steps[0]: nothing: of the kind',
      '47:43 error phases[1].steps[0].stages[1].percentage: stages[1].percentage: shrinks',
    ]);
  });

  it('tells of all mistakes at once, in the order of the file', () => {
    const yaml = examplePlan
      .replace('percentage: 5,', 'percentage: 120,')
      .replace('type: wait', 'type: wiat')
      .replace('flags: [search]', 'flags: [serach]')
      .replace('sql/001.sql', 'sql/01.sql');
    const { plan, findings } = parse(yaml);
    expect(plan).toBeUndefined();
    expect(findings.map(({ line }) => line)).toEqual([12, 32, 34, 44]);
    expect(findings[0]).toMatchObject({ file: 'plan.yaml', value: '120', severity: 'error' });
  });

  it('follows aliases to the place where the mistake was written', () => {
    const yaml = examplePlan
      .replace('percentage: 5,', 'percentage: &share 120,')
      .replace('percentage: 100', 'percentage: *share');
    const [written, used] = parse(yaml).findings;
    expect([written?.path, used?.path]).toEqual(['groups.alpha.percentage', 'groups.general.percentage']);
    expect(yaml.split('\n')[(written?.line ?? 0) - 1]).toContain('&share');
    expect(yaml.split('\n')[(used?.line ?? 0) - 1]).toContain('*share');
  });
});

function shown(text: string): string {
  return text === '' ? '(left out)' : text.trim().replaceAll(/\s*\n\s*/g, ' ⏎ ');
}
