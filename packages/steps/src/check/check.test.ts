import type { Verdict, VerdictStatus } from '@crossfade/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { exerciseStep } from '../testing/exercise-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { checkStep } from './definition.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(
    'create table messages (id bigint); insert into messages select generate_series(1, 42);',
  );
});
afterAll(async () => await database.drop());

let world: StepWorld;
beforeEach(() => {
  world = createWorld();
});
function createWorld(): StepWorld {
  return new StepWorld({ target: database.target });
}
const forward = async (settings: object) =>
  await driveStep(checkStep, checkStep.configSchema.parse(settings), world, {
    direction: 'forward',
    fate: 'once',
  });
const ask = (query: string, expected: unknown = '42') => ({
  sql: [{ title: 'Messages', query, expect: expected }],
});

function judge(status: VerdictStatus, evidence: string): void {
  const verdict: Verdict = {
    status,
    evidence,
    value: 1,
    limit: 2,
    samples: 9,
    fromMs: world.nowMs,
    toMs: world.nowMs,
  };
  world.judge = (gate) => (gate === 'healthy' ? verdict : undefined);
}

describe('check', () => {
  it('passes when the database answers as expected, whatever happens in between', async () => {
    await exerciseStep({
      type: checkStep,
      settings: ask('select count(*) from messages; '),
      createWorld,
      snapshot: async () => (await database.connection.query('select count(*) from messages')).rows,
      verifyDone: (end) => {
        expect(end.facts).toEqual({
          answers: [{ title: 'Messages', value: '42', expected: '42' }],
          gates: [],
        });
        return Promise.resolve();
      },
    });
  });

  it.each([
    ['select true', true, 'true'],
    ['select 1.50::numeric', '1.50', '1.50'],
    ['select 9007199254740993', '9007199254740993', '9007199254740993'],
    ['select count(*) from messages -- all of them', 42, '42'],
    ['select count(*) from messages; -- all of them', 42, '42'],
  ])('compares as text: %s', async (query, expected, value) => {
    expect(await forward(ask(query, expected))).toMatchObject({
      end: 'done',
      facts: { answers: [{ value }] },
    });
  });

  it.each([
    ['select 41', '"Messages": got 41, expected 42'],
    ['select null', '"Messages": got NULL, expected 42'],
    ['select id from messages where id > 99', 'expected one value, the query returned no row'],
    ['select id from messages', 'expected one value, the query returned several rows'],
    ['select 1 as a, 2 as b', 'expected one value, the query returned 1 row of 2 columns'],
    [`select repeat('x', 1001)`, '"Messages": expected a value of at most 1000 characters'],
    ['select nothing', '"Messages": column "nothing" does not exist'],
    [`select setval('s', 1)`, '"Messages": relation "s" does not exist'],
  ])('fails: %s', async (query, reason) => {
    expect(await forward(ask(query))).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining(reason),
    });
  });

  it('changes nothing, whatever is asked', async () => {
    await database.connection.query(
      'create or replace function empty() returns int language sql as $$ delete from messages; select 1 $$',
    );
    expect(await forward(ask('select empty()'))).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('cannot execute DELETE in a read-only transaction'),
    });
  });

  it('passes when its gates pass, and tells on what evidence', async () => {
    judge('pass', '2 of 2 processes well');
    expect(await forward({ gates: ['healthy'] })).toMatchObject({
      end: 'done',
      summary: 'healthy passed',
      facts: { gates: [{ gate: 'healthy', evidence: '2 of 2 processes well' }] },
    });
  });

  it('fails when a gate goes on failing', async () => {
    judge('fail', '1 of 2 processes well');
    world.failingSinceMs = world.nowMs - 10_000;
    expect(await forward({ gates: ['healthy'] })).toMatchObject({
      end: 'failed',
      reason: 'gate healthy failed: 1 of 2 processes well',
    });
  });

  it('never passes undecided', async () => {
    expect(await forward({ gates: ['healthy'], patience: '20s' })).toMatchObject({
      end: 'failed',
      reason: 'undecided after 20 s: gate healthy has not been measured yet',
    });
  });

  it('watches its gates since it began', () => {
    const view = world.view(checkStep.configSchema.parse({ gates: ['healthy'] }), null, null, 1_234);
    expect(checkStep.watches(view)).toEqual([{ gate: 'healthy', sinceMs: 1_234 }]);
  });
});

describe('what is known to be wrong with a check before it runs', () => {
  it.each([
    ['select count(*) frm messages)', 'sql[0].query ("Messages"): syntax error'],
    ['delete from messages', 'expected one SELECT'],
    ['select 1; select 2', 'it holds 2 statements, expected one SELECT'],
    ['-- nothing', 'it is empty'],
  ])('%s', (query, finding) => {
    expect(checkStep.lint(checkStep.configSchema.parse(ask(query)), {}).join()).toContain(finding);
  });

  it('is a check of nothing', () => {
    expect(checkStep.configSchema.safeParse({}).success).toBe(false);
  });
});
