import { parsePlan } from '@crossfade/plan';
import { describe, expect, it } from 'vitest';
import { stepCatalog } from '../catalog.ts';
import { StepWorld } from '../testing/step-world.ts';
import { checkStep } from './definition.ts';

const question = { title: 'Messages', query: 'select count(*) from messages', expect: 42 };
const parse = (settings: object) => checkStep.configSchema.parse(settings);
const answers = [{ title: 'Messages', value: '42', expected: '42' }];

it.each([
  [{ sql: [question] }, 'Asks the database 1 question.'],
  [{ gates: ['healthy', 'fast'] }, 'Waits for healthy, fast to pass.'],
  [
    { sql: [question, question], gates: ['fast'] },
    'Asks the database 2 questions and waits for fast to pass.',
  ],
])('says what it asks and what it waits for: %j', (settings, text) => {
  expect(checkStep.describe(parse(settings))).toBe(text);
});

describe('a check with questions and gates', () => {
  const config = parse({ sql: [question], gates: ['healthy'], patience: '20s' });

  it('goes on to its gates when the answers are as expected', () => {
    const outcome = { status: 'succeeded', result: { answers }, activeMs: 1, attempts: 1 } as const;
    expect(checkStep.forward(new StepWorld().view(config, 'asking', outcome))).toEqual({
      move: 'progress',
      data: { answers },
      note: 'the database answered 1 question as expected',
      changes: [],
    });
  });

  it('waits for them until its patience ends, counted from when it began', () => {
    const world = new StepWorld();
    const startedAtMs = world.nowMs;
    world.nowMs += 19_999;
    expect(checkStep.forward(world.view(config, { answers }, null, startedAtMs))).toMatchObject({
      move: 'wait',
      untilMs: startedAtMs + 20_000,
    });
    world.nowMs += 1;
    expect(checkStep.forward(world.view(config, { answers }, null, startedAtMs))).toEqual({
      move: 'fail',
      reason:
        'the database answered as expected, but undecided after 20 s: gate healthy has not been measured yet',
    });
  });

  it('tells both when all is well', () => {
    const world = new StepWorld();
    const window = { fromMs: world.nowMs, toMs: world.nowMs };
    world.judge = () => ({ status: 'pass', evidence: 'all well', value: 1, limit: 2, samples: 3, ...window });
    expect(checkStep.forward(world.view(config, { answers }, null))).toEqual({
      move: 'done',
      summary: '1 answer as expected, healthy passed',
      facts: { answers, gates: [{ gate: 'healthy', evidence: 'all well' }] },
    });
  });
});

describe('an answer that is expected', () => {
  const planExpecting = (expected: string) => `
crossfade: 1
name: example
title: Example
calendar: { weeks: 1 }
phases:
  - id: only
    title: Only
    steps:
      - { id: ask, type: check, title: Ask, sql: [{ title: Sum, query: select 1.10, expect: ${expected} }] }
`;
  const read = (expected: string) =>
    parsePlan(
      { 'plan.yaml': planExpecting(expected) },
      { steps: stepCatalog, gates: {} },
      { today: '2026-01-01' },
    );

  it.each(['1.10', '9007199254740993', '0x10'])(
    'is not %s, which is another number in JavaScript',
    (expected) => {
      expect(read(expected).findings).toMatchObject([
        {
          path: 'phases[0].steps[0].sql[0].expect',
          value: expected,
          expected: expect.stringContaining('in quotes'),
        },
      ]);
    },
  );

  it.each([
    ['"1.10"', '1.10'],
    ['"9007199254740993"', '9007199254740993'],
    ['-1.5', '-1.5'],
    ['true', 'true'],
  ])('is %s as it was written', (expected, text) => {
    expect(read(expected).plan?.phases[0]?.steps[0]?.config).toMatchObject({ sql: [{ expect: text }] });
  });
});

it('does not ask what is no question', async () => {
  const world = new StepWorld({ target: { withConnection: async (_options, work) => await work(silent) } });
  const config = parse({ sql: [{ ...question, query: 'delete from messages' }] });
  const effect = { key: 'k', kind: 'query', input: null, config };
  await expect(checkStep.perform(effect, world.context())).rejects.toThrow('"Messages": expected one SELECT');
});

const silent = { query: () => Promise.resolve({ rows: [], rowCount: 0 }) };
