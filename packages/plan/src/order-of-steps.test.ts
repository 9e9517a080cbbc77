import { describe, expect, it } from 'vitest';
import { parsePlan } from './parse-plan.ts';
import { exampleFiles, examplePlan, exampleVocabulary } from './testing/example-plan.ts';

const head = examplePlan.slice(0, examplePlan.indexOf('phases:'));

interface GivenStep {
  readonly id?: string;
  readonly after?: readonly string[];
  readonly at?: string;
}

/** What is found in a plan of these phases, each step of which waits an hour. */
function findings(...phases: readonly (readonly GivenStep[])[]): readonly string[] {
  const yaml = phases.map((steps, index) => {
    const texts = steps.map(({ id, after, at }) =>
      [
        `      - type: wait`,
        `        title: Wait`,
        `        for: 1h`,
        ...(id === undefined ? [] : [`        id: ${id}`]),
        ...(after === undefined ? [] : [`        after: [${after.join(', ')}]`]),
        ...(at === undefined ? [] : [`        at: ${at}`]),
      ].join('\n'),
    );
    return `  - id: phase-${index}\n    title: Phase\n    steps:\n${texts.join('\n')}`;
  });
  return findingsIn(`${head}phases:\n${yaml.join('\n')}\n`);
}

function findingsIn(text: string): readonly string[] {
  return parsePlan(exampleFiles(text), exampleVocabulary, { today: '2026-01-01' }).findings.map(
    ({ severity, path, message }) => `${severity} ${path}: ${message}`,
  );
}

describe('steps that wait for each other', () => {
  const circle = (...ids: readonly string[]) => `These steps wait for each other: ${ids.join(' → ')}.`;

  it('are fine in any order of writing, as long as there is an order of doing', () => {
    const diamond = [
      { id: 'd', after: ['b', 'c'] },
      { id: 'b', after: ['a'] },
      { id: 'c', after: ['a'] },
      { id: 'a' },
    ];
    expect(findings(diamond)).toEqual([]);
  });

  it('are found as a circle, a step alone with itself too', () => {
    expect(findings([{ id: 'a', after: ['a'] }])).toEqual([
      `error phases[0].steps[0].after: ${circle('a', 'a')}`,
    ]);
  });

  it('are told once for each circle, without those that only lead into one', () => {
    const steps = [
      { id: 'into', after: ['b'] },
      { id: 'a', after: ['c'] },
      { id: 'b', after: ['a'] },
      { id: 'c', after: ['b'] },
      { id: 'x', after: ['y'] },
      { id: 'y', after: ['x', 'a'] },
      { id: 'free' },
      { id: 'last', after: ['free'] },
    ];
    const found = findings(steps);
    expect(found).toHaveLength(2);
    expect(found).toContain(`error phases[0].steps[4].after: ${circle('x', 'y', 'x')}`);
    expect(found.join()).toMatch(/(b → a → c → b|a → c → b → a|c → b → a → c)/);
  });

  it('are looked for in each phase', () => {
    expect(
      findings(
        [{ id: 'ok' }],
        [
          { id: 'a', after: ['b'] },
          { id: 'b', after: ['a'] },
        ],
      ),
    ).toEqual([`error phases[1].steps[0].after: ${circle('a', 'b', 'a')}`]);
  });
});

describe('names of steps', () => {
  it('are each given once in the whole plan, and a phase may bear that of a step', () => {
    expect(findings([{ id: 'a' }], [{ id: 'a' }, { id: 'phase-0' }])).toEqual([
      'error phases[1].steps[0].id: A second step is called a.',
    ]);
  });

  it('that are missing are reported where they are missing, and do not stop the rest', () => {
    expect(findings([{ after: ['b'] }, { id: 'b', after: ['nowhere'] }])).toEqual([
      'error phases[0].steps[0].id: id is missing.',
      'error phases[0].steps[1].after[0]: There is no step nowhere.',
    ]);
  });

  it('of another phase need not be waited for', () => {
    expect(findings([{ id: 'a' }], [{ id: 'b', after: ['a'] }])).toEqual([
      'error phases[1].steps[0].after[0]: The step a belongs to the phase phase-0.',
    ]);
  });
});

describe('a phase without an id', () => {
  it('is told where it is missing, and called by its place elsewhere', () => {
    const yaml = [
      'phases:',
      '  - title: First',
      '    steps: [{ id: a, type: wait, title: Wait, for: 1h }]',
      '  - id: second',
      '    title: Second',
      '    steps: [{ id: b, type: wait, title: Wait, for: 1h, after: [a] }]',
    ].join('\n');
    expect(findingsIn(`${head}${yaml}\n`)).toEqual([
      'error phases[0].id: id is missing.',
      'error phases[1].steps[0].after[0]: The step a belongs to the phase phases[0].',
    ]);
  });
});

describe('dates of steps that wait for each other', () => {
  const late = (first: string, second: string) =>
    findings([
      { id: 'a', at: first },
      { id: 'b', after: ['a'], at: second },
    ]);
  const warning =
    'warning phases[0].steps[1].at: This is earlier than the step a, which must be done before.';

  it.each([
    ['week 2 monday', 'week 1 sunday'],
    ['week 2 tuesday', 'week 2 monday'],
    ['week 2 monday 10:00', 'week 2 monday 09:59'],
    ['2026-02-03', '2026-02-02'],
    ['2026-02-03 10:00', '2026-02-03 09:00'],
  ])('are doubtful in the wrong order: %s, then %s', (first, second) => {
    expect(late(first, second)).toEqual([warning]);
  });

  it.each([
    ['week 1 sunday', 'week 2 monday'],
    ['week 2 monday', 'week 2 monday'],
    ['week 2 monday 09:59', 'week 2 monday 10:00'],
    ['week 2 monday', 'week 2 monday 00:00'],
    ['week 2 monday 23:00', 'week 2 monday'],
    ['2026-02-02 23:00', '2026-02-03 01:00'],
    ['2026-12-31', 'week 1 monday'],
    ['week 2 monday', '2026-01-01'],
  ])('are fine, or cannot be compared: %s, then %s', (first, second) => {
    expect(late(first, second)).toEqual([]);
  });
});
