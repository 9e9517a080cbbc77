import type { Json, Verdict } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { StepWorld, type WorldOptions } from '../testing/step-world.ts';
import { rolloutStep } from './definition.ts';
import { joinAudience } from './join-audience.ts';

const groups = {
  alpha: { title: 'Alpha', segment: 'writers', percentage: 5, holdBack: 0, at: null },
  general: { title: 'Everybody', segment: null, percentage: 100, holdBack: 0, at: null },
};
const settings = {
  flags: ['search', 'timings'],
  stages: [{ group: 'alpha', gates: ['fast'] }, { group: 'general' }],
};
const parse = (changes: object = {}) => rolloutStep.configSchema.parse({ ...settings, ...changes });
const createWorld = (options: WorldOptions = {}) => new StepWorld({ groups, ...options });
const at = (status: string, stage = 0): Json => ({
  stage,
  status,
  enteredAtMs: 0,
  enteredPlanMs: 0,
  heldFor: null,
  passed: [],
});

describe('a rollout', () => {
  it.each([
    [['search'], 'held: search is switched off by an operator'],
    [['search', 'timings'], 'held: search, timings are switched off by an operator'],
  ])('opens nothing while %j have been switched off', (killed, reason) => {
    const world = createWorld();
    world.killedFlags = killed;
    for (const status of ['before', 'admitting', 'open']) {
      expect(rolloutStep.forward(world.view(parse(), at(status), null))).toMatchObject({
        move: 'wait',
        reason,
      });
    }
  });

  it('asks anew who belongs to a segment when the answer was lost', () => {
    expect(rolloutStep.forward(createWorld().view(parse(), at('admitting'), null))).toMatchObject({
      move: 'effect',
      kind: 'admit',
      input: { segment: 'writers' },
    });
  });

  it.each([
    [{ segment: 'writers', found: 1, size: 1 }, 'alpha: search, timings on for 5 % of writers (1 member)'],
    [{ segment: 'writers' }, 'alpha: search, timings on for 5 % of writers'],
    [null, 'alpha: search, timings on for 5 % of writers'],
  ])('opens to the segment once its people are let in: %j', (result, note) => {
    const outcome = { status: 'succeeded', result, activeMs: 1, attempts: 1 } as const;
    const move = rolloutStep.forward(createWorld().view(parse(), at('admitting'), outcome));
    expect(move).toMatchObject({ move: 'progress', note, data: { status: 'open' } });
  });

  it('cannot go on once it was taken back', () => {
    expect(rolloutStep.forward(createWorld().view(parse(), at('undone'), null))).toEqual({
      move: 'fail',
      reason: 'the rollout was taken back and cannot go on',
    });
  });

  it('is done when no stage is left, also when it finds none passed', () => {
    expect(rolloutStep.forward(createWorld().view(parse(), at('before', 2), null))).toMatchObject({
      move: 'done',
      summary: 'no stage',
    });
  });

  it('watches the gates of the stage that is open, and of no other', () => {
    const config = parse();
    const watched = (data: Json) => rolloutStep.watches(createWorld().view(config, data, null));
    expect(watched(at('open'))).toEqual([{ gate: 'fast', sinceMs: 0 }]);
    expect(watched(at('before'))).toEqual([]);
    expect(watched(at('open', 1))).toEqual([]);
    expect(watched(at('open', 2))).toEqual([]);
  });

  it('is not passed by a verdict over a window from before the stage began', () => {
    const world = createWorld();
    const stale: Verdict = {
      status: 'pass',
      evidence: 'well',
      value: 1,
      limit: 2,
      samples: 300,
      fromMs: 4_999,
      toMs: world.nowMs,
    };
    world.judge = () => stale;
    const data = {
      stage: 0,
      status: 'open',
      enteredAtMs: 5_000,
      enteredPlanMs: 0,
      heldFor: null,
      passed: [],
    };
    const view = world.view(parse({ patience: '1d' }), data, null);
    expect(rolloutStep.forward(view)).toMatchObject({
      move: 'wait',
      reason: 'alpha: gate fast has not been measured yet',
    });
    world.judge = () => ({ ...stale, fromMs: 5_000 });
    expect(rolloutStep.forward(view)).toMatchObject({ move: 'progress', note: 'alpha at 5 % has passed' });
  });
});

describe('a group that holds some of its people back', () => {
  const held = { ...groups, alpha: { ...groups.alpha, holdBack: 10 } };

  it('opens the flags to the others, and says so', () => {
    const outcome = { status: 'succeeded', result: { size: 40 }, activeMs: 1, attempts: 1 } as const;
    const view = createWorld({ groups: held }).view(parse({ flags: ['search'] }), at('admitting'), outcome);
    expect(rolloutStep.forward(view)).toMatchObject({
      move: 'progress',
      note: 'alpha: search on for 5 % of writers (40 members), 10 % held back',
      changes: [{ flag: 'search', audiences: [{ segment: 'writers', percentage: 5, holdBack: 10 }] }],
    });
  });

  it('throws nobody out whom the same segment had let in before, and holds nobody back who may come in', () => {
    const before = { segment: 'writers', percentage: 95 };
    expect(joinAudience([before], { segment: 'writers', percentage: 5, holdBack: 10 })).toEqual([before]);
    const smaller = { segment: 'writers', percentage: 5, holdBack: 10 };
    expect(joinAudience([smaller], { segment: 'writers', percentage: 50, holdBack: 5 })).toEqual([
      { segment: 'writers', percentage: 50, holdBack: 5 },
    ]);
  });
});

describe('a segment that costs too much', () => {
  const refused = 'segment writers: Postgres expects its SQL to cost 2,000,000, more than its max_cost';
  const outcome = { status: 'succeeded', result: { refused }, activeMs: 1, attempts: 1 } as const;

  it('holds the rollout, which asks again after a minute', () => {
    const world = createWorld();
    const asked = { ...(at('admitting') as object), askedAtMs: world.nowMs - 59_999 };
    const move = rolloutStep.forward(world.view(parse(), asked, outcome));
    expect(move).toMatchObject({ move: 'wait', reason: `held: ${refused}`, untilMs: world.nowMs + 1 });
    world.passRealTime(1);
    expect(rolloutStep.forward(world.view(parse(), asked, outcome))).toMatchObject({
      move: 'effect',
      kind: 'admit',
    });
  });
});

describe('taking a rollout back', () => {
  it('closes only what is open', () => {
    const world = createWorld();
    world.exposures = { search: [{ segment: null, percentage: 50 }], timings: [] };
    expect(rolloutStep.undo(world.view(parse(), at('open'), null))).toMatchObject({
      move: 'progress',
      data: { status: 'undone' },
      note: 'search off for everybody',
      changes: [{ change: 'exposure', flag: 'search', audiences: [] }],
    });
  });
});

describe('what is known to be wrong with a rollout before it runs', () => {
  it('is a flag that stands twice, and a group that shrinks', () => {
    const stages = [
      { group: 'general', percentage: 50 },
      { group: 'general', percentage: 20 },
    ];
    expect(rolloutStep.lint(parse({ flags: ['search', 'search'], stages }), {})).toEqual([
      'stages[1].percentage: general shrinks from 50 % to 20 %: who has been let in stays in',
      'flags: names a flag twice',
    ]);
  });
});

describe('who belongs to a segment', () => {
  const explained = (cost: number) => ({
    rows: [{ 'QUERY PLAN': [{ Plan: { 'Total Cost': cost } }] }],
    rowCount: 1,
  });
  const admit = async (sql: string | undefined, rows: readonly object[] | Error, cost = 1) => {
    const world = createWorld(
      sql === undefined
        ? {}
        : { segments: { writers: { title: 'Writers', sql, refreshMs: 86_400_000, maxCost: 1_000_000 } } },
    );
    world.target = {
      withConnection: async (_options, work) =>
        await work({
          query: async (text: string) => {
            if (text.startsWith('explain')) return JSON.parse(JSON.stringify(explained(cost)));
            if (!text.includes('as people')) return { rows: [], rowCount: 0 };
            if (rows instanceof Error) throw rows;
            return JSON.parse(JSON.stringify({ rows, rowCount: rows.length }));
          },
        }),
    };
    const effect = { key: 'k', kind: 'admit', input: { segment: 'writers' }, config: parse() };
    return await rolloutStep.perform(effect, world.context());
  };
  const person = '00000000-0000-4000-8000-00000000000A';

  it('is a set of user ids, in one spelling', async () => {
    expect(await admit('select id from people', [{ id: person }, { id: person.toLowerCase() }])).toEqual({
      segment: 'writers',
      found: 1,
      size: 1,
    });
  });

  it.each([
    [undefined, [], 'step step: the plan has no segment writers'],
    ['delete from people', [], 'segment writers: its SQL is wrong: expected one SELECT'],
    [
      'select a, b from t',
      [{ a: person, b: 1 }],
      'its SQL returns the columns a, b: expected one of user ids',
    ],
    ['select 1', [{ id: 7 }], 'its SQL returns 7: expected a user id (UUID)'],
    ['select id from t', Object.assign(new Error('no t'), { code: '42P01' }), 'segment writers: no t'],
  ])('is a fault of the plan: %s', async (sql, rows, message) => {
    await expect(admit(sql, rows)).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringContaining(message),
    });
  });

  it('is not asked for when Postgres expects that to cost too much', async () => {
    expect(await admit('select id from t', [{ id: person }], 1_000_001)).toEqual({
      segment: 'writers',
      refused:
        'segment writers: Postgres expects its SQL to cost 1,000,001, more than its max_cost of 1,000,000: it was not run',
    });
    expect(await admit('select id from t', [{ id: person }], 1_000_000)).toMatchObject({ size: 1 });
  });

  it('is asked again when the connection was lost', async () => {
    const lost = Object.assign(new Error('connection lost'), { code: '08006' });
    await expect(admit('select id from t', lost)).rejects.toBe(lost);
  });
});
