import { describe, expect, it } from 'vitest';
import type { EffectOutcome, Json } from '@crossfade/engine';
import { parsePlan } from '@crossfade/plan';
import { stepCatalog } from '../catalog.ts';
import { StepWorld } from '../testing/step-world.ts';
import { warmStep } from './definition.ts';

const given = {
  parameter: 'cache_share',
  start: 10,
  increment: 10,
  every: '1d',
  target: 90,
  hit_rate: { metric: 'lookups', hit: { result: 'hit' }, of: { result: ['hit', 'miss'] } },
  target_hit_rate: 90,
};
const config = warmStep.configSchema.parse(given);
const dayMs = 86_400_000;

function measured(result: Json): EffectOutcome {
  return { status: 'succeeded', result, activeMs: 1, attempts: 1 };
}
function atTarget(changes: object = {}): Json {
  return { before: 0, value: 90, raisedAtPlanMs: 0, settledSinceMs: 0, measurements: 1, ...changes };
}

describe('a parameter that is raised', () => {
  it('begins from 0 where nobody has set it', () => {
    const move = warmStep.forward(new StepWorld().view(config, null, null));
    expect(move).toMatchObject({
      move: 'progress',
      data: { before: 0, value: 10 },
      changes: [{ change: 'parameter', parameter: 'cache_share', value: 10 }],
    });
  });

  it('goes up one step only after a long standstill, and then keeps its pace from there', () => {
    const world = new StepWorld();
    world.planNowMs = 5.5 * dayMs;
    const data = { before: 0, value: 10, raisedAtPlanMs: 0, settledSinceMs: null, measurements: 0 };
    expect(warmStep.forward(world.view(config, data, null))).toMatchObject({
      data: { value: 20, raisedAtPlanMs: 5.5 * dayMs },
    });
  });

  it('keeps to its days when it comes a little late', () => {
    const world = new StepWorld();
    world.planNowMs = 1.25 * dayMs;
    const data = { before: 0, value: 10, raisedAtPlanMs: 0, settledSinceMs: null, measurements: 0 };
    expect(warmStep.forward(world.view(config, data, null))).toMatchObject({
      data: { value: 20, raisedAtPlanMs: dayMs },
    });
  });

  it('waits in plan time for its next step', () => {
    const world = new StepWorld();
    world.planNowMs = 0.5 * dayMs;
    const data = { before: 0, value: 10, raisedAtPlanMs: 0, settledSinceMs: null, measurements: 0 };
    expect(warmStep.forward(world.view(config, data, null))).toEqual({
      move: 'wait',
      reason: 'cache_share at 10, raised at week 1, Tue 00:00',
      untilMs: null,
      untilPlanMs: dayMs,
    });
  });
});

describe('settings by which a parameter cannot be raised', () => {
  const yaml = (changes: object) => {
    const settings = { ...given, ...changes };
    return `
crossfade: 1
name: example
title: Example
calendar: { weeks: 1 }
parameters: { cache_share: { title: Share, default: 0, minimum: 0, maximum: 100 } }
phases:
  - { id: only, title: Only, steps: [${JSON.stringify({ id: 'warm', type: 'warm', title: 'Warm', ...settings })}] }
`;
  };
  const told = (changes: object) =>
    parsePlan(
      { 'plan.yaml': yaml(changes) },
      { steps: stepCatalog, gates: {} },
      { today: '2026-01-01' },
    ).findings.map(({ path, message, expected }) => `${path}: ${message} | ${expected}`);

  const step = 'phases[0].steps[0]';
  const enough = 'an increment that reaches the target in at most 1000 raises';
  it.each<[object, string]>([
    [{ every: '0s' }, `every: every cannot be "0s". | a duration of at least 1ms`],
    [{ every: '0.5ms' }, `every: every cannot be "0.5ms". | a duration of at least 1ms`],
    [{ increment: 0.0799 }, `increment: increment cannot be 0.0799. | ${enough}`],
    [{ increment: 1e-20 }, `increment: increment cannot be 1e-20. | ${enough}`],
    [{ start: -50 }, `start: start cannot be -50. | a number from 0 to 100, the limits of cache_share`],
    [{ target: 101 }, `target: target cannot be 101. | a number from 0 to 100, the limits of cache_share`],
  ])('are told: %j', (changes, finding) => {
    expect(told(changes)).toEqual([`${step}.${finding}`]);
  });

  it.each([
    { every: '1ms' },
    { start: 0, target: 100, increment: 0.1 },
    { start: 90, increment: 1e-20 },
    { start: 10, target: 100, increment: 1_000 },
  ])('are not: %j', (changes) => {
    expect(told(changes)).toEqual([]);
  });

  it('are told all at once, as far as they need no other', () => {
    expect(told({ every: '0s', increment: 1e-20, window: '1' })).toHaveLength(3);
  });
});

describe('the hit rate', () => {
  it('is measured over a window that begins when the parameter stands at its target', () => {
    const world = new StepWorld();
    const data = atTarget({ settledSinceMs: world.nowMs - 4_000, measurements: 0 });
    expect(warmStep.forward(world.view(config, data, null))).toMatchObject({
      move: 'wait',
      untilMs: world.nowMs + 6_000,
    });
    world.nowMs += 6_000;
    expect(warmStep.forward(world.view(config, data, null))).toMatchObject({
      move: 'effect',
      kind: 'measure',
      input: { fromMs: world.nowMs - 10_000, toMs: world.nowMs },
      data: { measurements: 1 },
    });
  });

  it.each([
    [
      { hitRatePercent: 85.04, ofAllPercent: null, lookups: 1 },
      'cache_share at 90; 85 % of 1 lookup that may be cached were hits, under the 90 % wanted',
    ],
    [
      { hitRatePercent: 90, ofAllPercent: 12.34, lookups: 2_000 },
      'cache_share at 90; 90 % of 2,000 lookups that may be cached were hits (12.3 % of all), as wanted (90 %)',
    ],
  ])('is told as it was seen: %j', (result, summary) => {
    const move = warmStep.forward(new StepWorld().view(config, atTarget(), measured(result)));
    expect(move).toMatchObject({ move: 'done', summary, facts: { targetHitRatePercent: 90, ...result } });
  });

  it('is measured three times at most when nothing was looked up, and then said to be unknown', () => {
    const nothing = measured({ hitRatePercent: null, ofAllPercent: null, lookups: 0 });
    const world = new StepWorld();
    expect(warmStep.forward(world.view(config, atTarget({ measurements: 2 }), nothing))).toMatchObject({
      move: 'progress',
      data: { settledSinceMs: world.nowMs },
    });
    expect(warmStep.forward(world.view(config, atTarget({ measurements: 3 }), nothing))).toMatchObject({
      move: 'done',
      summary: 'cache_share at 90; the hit rate is unknown: no lookups were seen',
    });
  });
});
