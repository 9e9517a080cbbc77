import type { StepMove, StepType, StepView, Verdict } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { checkStep } from './check/definition.ts';
import { rolloutStep } from './rollout/definition.ts';
import { StepWorld } from './testing/step-world.ts';
import { waitStep } from './wait/definition.ts';
import { warmStep } from './warm/definition.ts';

const hourMs = 3_600_000;

/** A step that is taken from wait to wait, in a world without a database. */
class Stepping<Config> {
  readonly world = new StepWorld({
    groups: { all: { title: 'All', segment: null, percentage: 100, holdBack: 0, at: null } },
  });
  readonly #type: StepType<Config>;
  readonly #config: Config;
  readonly #startedAtMs = this.world.nowMs;
  #data: StepView<Config>['data'] = null;

  constructor(type: StepType<Config>, settings: object) {
    this.#type = type;
    this.#config = type.configSchema.parse(settings);
  }

  /** The move at which it stops; one that progresses uses a waiver up, as the engine does. */
  next(): StepMove {
    for (;;) {
      const view = this.world.view(this.#config, this.#data, null, this.#startedAtMs);
      const move = this.#type.forward(view);
      if (move.move !== 'progress') return move;
      this.#data = move.data;
      this.world.waitIsWaived = false;
    }
  }
}

function verdictOf(world: StepWorld, status: Verdict['status']): Verdict {
  return { status, evidence: '', value: 1, limit: 2, samples: 9, fromMs: world.nowMs, toMs: world.nowMs };
}

describe('a rollout', () => {
  const stages = [
    { group: 'all', percentage: 10, at: 'week 1 tuesday', bake: '2h', gates: ['fast'] },
    { group: 'all', at: 'week 1 thursday', gates: ['fast'] },
  ];
  const rollout = () => new Stepping(rolloutStep, { flags: ['search'], stages });

  it('opens its stage when the date is waived, and bakes from then on', () => {
    const stepping = rollout();
    expect(stepping.next()).toMatchObject({ reason: expect.stringContaining('opens at') });
    stepping.world.waitIsWaived = true;
    expect(stepping.next()).toMatchObject({ reason: 'all bakes until week 1, Mon 02:00' });
  });

  it.each(['inconclusive', 'invalid', 'fail', undefined] as const)(
    'is not promoted past a gate that says %s when the bake is waived',
    (status) => {
      const stepping = rollout();
      stepping.world.waitIsWaived = true;
      stepping.next();
      stepping.world.judge = () => status && verdictOf(stepping.world, status);
      stepping.world.waitIsWaived = true;
      expect(stepping.next()).toMatchObject({ move: 'wait', reason: expect.stringContaining('gate fast') });
      stepping.world.judge = () => verdictOf(stepping.world, 'pass');
      // The next stage's own date was not what was waived.
      expect(stepping.next()).toMatchObject({ reason: expect.stringContaining('opens at week 1, Thu') });
    },
  );

  it('bakes longer by the time it was paused, and is patient longer by as much', () => {
    const stepping = rollout();
    const { world } = stepping;
    world.planNowMs = 33 * hourMs;
    stepping.next();
    world.passRealTime((2 * hourMs) / world.speed);
    world.pausedMs = hourMs / world.speed;
    expect(stepping.next()).toMatchObject({ untilPlanMs: 36 * hourMs });
    world.passRealTime(hourMs / world.speed);
    const waiting = stepping.next();
    expect(waiting).toMatchObject({ reason: 'all: gate fast has not been measured yet' });
    const enteredAtMs = world.nowMs - (3 * hourMs) / world.speed;
    expect(waiting).toMatchObject({ untilMs: enteredAtMs + (3 * hourMs) / world.speed + 300_000 });
  });
});

describe('a check', () => {
  it('does not lose its patience in a pause', () => {
    const stepping = new Stepping(checkStep, { gates: ['fast'], patience: '1m' });
    stepping.next();
    stepping.world.passRealTime(60_000);
    stepping.world.pausedMs = 30_000;
    expect(stepping.next()).toMatchObject({ move: 'wait', untilMs: stepping.world.nowMs + 30_000 });
    stepping.world.passRealTime(30_000);
    expect(stepping.next()).toMatchObject({ move: 'fail' });
  });
});

describe('patience with gates that cannot decide', () => {
  it.each([
    ['a check', () => new Stepping(checkStep, { gates: ['fast'], patience: '1m' })],
    [
      'a rollout',
      () =>
        new Stepping(rolloutStep, {
          flags: ['search'],
          stages: [{ group: 'all', percentage: 10, at: 'week 1 monday', gates: ['fast'] }],
          patience: '1m',
          on_inconclusive: 'roll_back',
        }),
    ],
  ])('of %s begins anew with a controller that takes the run up', (_name, make) => {
    const stepping = make();
    const { world } = stepping;
    world.planNowMs = 10 * hourMs;
    stepping.next();
    // Nobody leads for an hour.
    world.passRealTime(hourMs);
    world.ledSinceMs = world.nowMs;
    expect(stepping.next()).toMatchObject({ move: 'wait', untilMs: world.nowMs + 60_000 });
    world.passRealTime(60_000);
    expect(stepping.next()).toMatchObject({ move: 'fail' });
  });
});

describe('a wait', () => {
  it('ends when it is waived, and says so', () => {
    const stepping = new Stepping(waitStep, { for: '2d' });
    stepping.next();
    stepping.world.planNowMs += 30 * hourMs;
    stepping.world.waitIsWaived = true;
    expect(stepping.next()).toMatchObject({ summary: 'an operator waived the last 18 h of 2 d' });
  });
});

describe('a warm-up', () => {
  const settings = {
    parameter: 'share',
    start: 10,
    increment: 10,
    every: '1d',
    target: 30,
    target_hit_rate: 50,
    hit_rate: { metric: 'lookups', hit: { result: 'hit' }, of: { result: ['hit', 'miss'] } },
  };

  it('makes one raise for one waiver, and waits a whole interval for the next', () => {
    const stepping = new Stepping(warmStep, settings);
    stepping.next();
    stepping.world.planNowMs += 6 * hourMs;
    stepping.world.waitIsWaived = true;
    expect(stepping.next()).toMatchObject({ reason: 'share at 20, raised at week 1, Tue 06:00' });
  });

  it('raises later by the time it was paused', () => {
    const stepping = new Stepping(warmStep, settings);
    stepping.next();
    const { world } = stepping;
    world.passRealTime((24 * hourMs) / world.speed);
    world.pausedMs = (6 * hourMs) / world.speed;
    expect(stepping.next()).toMatchObject({ reason: 'share at 10, raised at week 1, Tue 06:00' });
  });
});
