import type { StepMove, Verdict, VerdictStatus } from '@crossfade/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { exerciseStep } from '../testing/exercise-step.ts';
import { StepWorld, type WorldOptions } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { rolloutStep } from './definition.ts';

const hourMs = 3_600_000;
const groups = {
  alpha: { title: 'Alpha', segment: 'writers', percentage: 5, holdBack: 0, at: null },
  general: { title: 'Everybody', segment: null, percentage: 100, holdBack: 0, at: null },
};
const segments = {
  writers: {
    title: 'Writers',
    sql: 'select distinct person_id from messages',
    refreshMs: 86_400_000,
    maxCost: 1_000_000,
  },
};
const settings = {
  flags: ['search', 'timings'],
  stages: [
    { group: 'alpha', bake: '2h', gates: ['fast'] },
    { group: 'general', percentage: 50, at: 'week 1 monday 12:00' },
    { group: 'general', at: 'week 1 tuesday', gates: ['fast', 'few-errors'] },
  ],
};
const parse = (changes: object = {}) => rolloutStep.configSchema.parse({ ...settings, ...changes });

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(`
    create table messages (person_id uuid);
    insert into messages select ('00000000-0000-4000-8000-00000000000' || n % 3)::uuid from generate_series(1, 9) n;
  `);
});
afterAll(async () => await database.drop());

let world: StepWorld;
beforeEach(() => {
  world = createWorld();
});
function createWorld(options: WorldOptions = {}): StepWorld {
  return new StepWorld({ target: database.target, groups, segments, ...options });
}
function judge(gate: string, status: VerdictStatus, evidence = 'because', fromMs = world.nowMs): void {
  const verdict: Verdict = { status, evidence, value: 1, limit: 2, samples: 300, fromMs, toMs: world.nowMs };
  world.judge = (asked) => (asked === gate ? verdict : undefined);
}
/** Every gate passes on what is of this moment. */
function letGatesPass(target: StepWorld): StepWorld {
  target.judge = () => {
    const window = { fromMs: target.nowMs, toMs: target.nowMs };
    return { status: 'pass', evidence: 'well', value: 1, limit: 2, samples: 300, ...window };
  };
  return target;
}

/** Makes moves until the step waits, without letting time pass. */
async function untilItWaits(data: unknown = null, changes: object = {}) {
  const config = parse(changes);
  let view = world.view(config, JSON.parse(JSON.stringify(data)), null);
  for (;;) {
    const move = rolloutStep.forward(view);
    if (move.move === 'progress') {
      for (const change of move.changes) {
        if (change.change === 'exposure') world.exposures[change.flag] = change.audiences;
      }
      view = world.view(config, move.data, null);
    } else if (move.move === 'effect') {
      const result = await rolloutStep.perform(
        { key: 'k', kind: move.kind, input: move.input, config },
        world.context(),
      );
      view = world.view(config, move.data, { status: 'succeeded', result, activeMs: 1, attempts: 1 });
    } else {
      return { move, data: view.data, watches: rolloutStep.watches(view) };
    }
  }
}

describe('rollout', () => {
  it('goes through its stages and closes everything again, whatever happens in between', async () => {
    await exerciseStep({
      type: rolloutStep,
      settings,
      createWorld: () => letGatesPass(createWorld()),
      snapshot: (target) =>
        Promise.resolve(Object.values(target.exposures).filter((audiences) => audiences.length > 0)),
      verifyDone: (end, target) => {
        expect(end.facts).toMatchObject({
          stages: [
            { group: 'alpha', percentage: 5 },
            { group: 'general', percentage: 50 },
            { group: 'general', percentage: 100 },
          ],
        });
        expect(target.exposures['search']).toEqual([
          { segment: 'writers', percentage: 5 },
          { segment: null, percentage: 100 },
        ]);
        expect(target.store.segments.get('writers')?.size).toBe(3);
        return Promise.resolve();
      },
    });
  });

  it('adds an audience to those that were let in before, so that nobody falls out', async () => {
    world.exposures = {
      search: [{ segment: 'writers', percentage: 20 }],
      timings: [{ segment: 'staff', percentage: 100 }],
    };
    await untilItWaits();
    expect(world.exposures).toEqual({
      search: [{ segment: 'writers', percentage: 20 }],
      timings: [
        { segment: 'staff', percentage: 100 },
        { segment: 'writers', percentage: 5 },
      ],
    });
  });

  it('watches gates only while a stage is open, and from when it was entered', async () => {
    expect(rolloutStep.watches(world.view(parse(), null, null))).toEqual([]);
    const { watches, move } = await untilItWaits();
    expect(watches).toEqual([{ gate: 'fast', sinceMs: world.nowMs }]);
    expect(move).toEqual({
      move: 'wait',
      reason: 'alpha bakes until week 1, Mon 02:00',
      untilMs: null,
      untilPlanMs: 2 * hourMs,
    });
  });

  it('waits for both: for the bake in plan time, and for the gate in real time', async () => {
    const { data } = await untilItWaits();
    judge('fast', 'pass');
    expect((await untilItWaits(data)).move).toMatchObject({ reason: expect.stringContaining('bakes until') });
    world.judge = () => undefined;
    world.planNowMs = 2 * hourMs;
    expect((await untilItWaits(data)).move).toMatchObject({
      move: 'wait',
      reason: 'alpha: gate fast has not been measured yet',
    });
    judge('fast', 'pass');
    expect((await untilItWaits(data)).move).toMatchObject({ reason: 'general opens at week 1, Mon 12:00' });
  });

  it('is not promoted by a verdict from before the stage', async () => {
    const { data } = await untilItWaits();
    judge('fast', 'pass', 'old', world.nowMs - 1);
    world.passRealTime(3 * hourMs);
    expect((await untilItWaits(data)).move).toMatchObject({ move: 'wait', untilPlanMs: null });
  });

  it('takes the run back when a gate goes on failing, even while it bakes', async () => {
    const { data } = await untilItWaits();
    judge('fast', 'fail', '9 % of 500 requests took longer than 0.2 s; at most 5 % allowed');
    world.failingSinceMs = world.nowMs - 10_000;
    expect((await untilItWaits(data)).move).toEqual({
      move: 'fail',
      reason: 'alpha: gate fast failed: 9 % of 500 requests took longer than 0.2 s; at most 5 % allowed',
    });
  });

  it('is neither promoted nor taken back for one bad moment', async () => {
    const { data } = await untilItWaits();
    world.passRealTime((2 * hourMs) / world.speed);
    judge('fast', 'fail', '9 % of 500 requests took longer than 0.2 s');
    world.failingSinceMs = world.nowMs - 9_999;
    expect((await untilItWaits(data)).move).toMatchObject({
      move: 'wait',
      reason: 'alpha: gate fast fails: 9 % of 500 requests took longer than 0.2 s',
    });
  });

  it('holds, and says why, when it stays undecided', async () => {
    const { data } = await untilItWaits();
    const bakedAfterMs = (2 * hourMs) / world.speed;
    world.passRealTime(bakedAfterMs);
    judge('fast', 'inconclusive', '12 of 200 samples');
    const waiting = await untilItWaits(data);
    expect(waiting.move).toEqual({
      move: 'wait',
      reason: 'alpha: gate fast is inconclusive: 12 of 200 samples',
      untilMs: world.nowMs + 300_000,
      untilPlanMs: null,
    });
    world.passRealTime(300_000);
    const held = await untilItWaits(data);
    const reason =
      'held: alpha: undecided for 5 min after it had baked: gate fast is inconclusive: 12 of 200 samples';
    expect(held.move).toEqual({ move: 'wait', reason, untilMs: null, untilPlanMs: null });
    judge('fast', 'inconclusive', '13 of 200 samples');
    expect((await untilItWaits(held.data)).move).toMatchObject({ reason });
    judge('fast', 'pass');
    expect((await untilItWaits(held.data)).move).not.toMatchObject({ reason });
  });

  it('takes the run back when it stays undecided and the plan says so', async () => {
    const { data } = await untilItWaits();
    world.passRealTime(2 * hourMs);
    judge('fast', 'invalid', 'no bucket edge at 0.25');
    expect((await untilItWaits(data, { on_inconclusive: 'roll_back' })).move).toMatchObject({
      move: 'fail',
      reason: expect.stringContaining('gate fast is invalid: no bucket edge at 0.25'),
    });
  });

  it('does not go on over an operator’s head', async () => {
    const { data } = await untilItWaits();
    world.killedFlags = ['timings', 'something-else'];
    judge('fast', 'pass');
    world.passRealTime(3 * hourMs);
    expect((await untilItWaits(data)).move).toEqual<StepMove>({
      move: 'wait',
      reason: 'held: timings is switched off by an operator',
      untilMs: null,
      untilPlanMs: null,
    });
  });
});

describe('a segment that the target cannot tell', () => {
  it.each([
    ['select 1', 'its SQL returns 1: expected a user id (UUID)'],
    [`select 'Zoë' as name`, 'its SQL returns "Zoë": expected a user id (UUID)'],
    [
      'select person_id, 1 as n from messages',
      'its SQL returns the columns person_id, n: expected one of user ids',
    ],
    ['delete from messages returning person_id', 'expected one SELECT'],
    ['select person_id from messages; drop table messages', 'it holds 2 statements'],
    ['select nothing', 'column "nothing" does not exist'],
  ])('fails the step: %s', async (sql, reason) => {
    world = createWorld({
      segments: { writers: { title: 'Writers', sql, refreshMs: 86_400_000, maxCost: 1_000_000 } },
    });
    const end = await driveStep(rolloutStep, parse(), world, { direction: 'forward', fate: 'once' });
    expect(end).toMatchObject({ end: 'failed', reason: expect.stringContaining(reason) });
    expect(world.exposures).toEqual({});
  });
});

describe('what is known to be wrong with a rollout before it runs', () => {
  it('is a percentage that shrinks', () => {
    expect(rolloutStep.lint(parse(), {})).toEqual([]);
    const stages = [
      { group: 'general', percentage: '50%' },
      { group: 'general', percentage: '25%' },
    ];
    expect(rolloutStep.lint(parse({ stages }), {})).toEqual([
      'stages[1].percentage: general shrinks from 50 % to 25 %: who has been let in stays in',
    ]);
  });

  it('is nothing hidden: everything it needs of the plan is named', () => {
    expect(rolloutStep.references(parse())).toEqual({
      files: [],
      gates: ['fast', 'few-errors'],
      flags: ['search', 'timings'],
      groups: ['alpha', 'general'],
      parameters: [],
    });
  });
});
