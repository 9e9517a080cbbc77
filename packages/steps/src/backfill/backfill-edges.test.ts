import type { EffectOutcome, Json, TargetConnection } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { StepWorld } from '../testing/step-world.ts';
import type { BackfillJob } from './backfill-job.ts';
import { closeAccount, openAccount } from './backfill-ledger.ts';
import { BatchSize } from './batch-size.ts';
import { Crew } from './crew.ts';
import { backfillStep } from './definition.ts';
import { filling, RowNotDone } from './fill-rows.ts';
import { batchSizeFor, describePace, formatRate, Pacer, rowsPerSecondLimit } from './pace.ts';
import { passSlice } from './pass-slice.ts';
import { isFaultOfRow, isFaultOfStatement } from './quarantine.ts';
import { rowKeyOf } from './row-key.ts';
import { orderByKey } from './row-order.ts';
import { BatchFailure } from './run-batch.ts';
import { Governor } from './throttle/governor.ts';
import { claimSlice } from './slice-ledger.ts';

const settings = {
  table: 'messages',
  key: 'id',
  set: { copy: 'upper(body)' },
  where: 'copy is null',
  dual_write: 'trigger',
  undo: { set: { copy: 'null' } },
};
const parse = (changes: object = {}) => backfillStep.configSchema.parse({ ...settings, ...changes });
const succeeded = (result: Json): EffectOutcome => ({
  status: 'succeeded',
  result,
  activeMs: 1,
  attempts: 1,
});

const result = {
  rows: 12_000,
  migrated: 11_900,
  skipped: 0,
  quarantined: 0,
  vanished: 0,
  remaining: 0,
  elapsedMs: 61_000,
  rowsPerSecond: 2_000,
  effectiveRowsPerSecondLimit: null,
  pace: null,
  firstQuarantined: null,
};
const filled = (changes: object, config = parse()) =>
  backfillStep.forward(new StepWorld().view(config, 'filling', succeeded({ ...result, ...changes })));

describe('what a backfill says of itself', () => {
  it.each([
    [{}, 'Fills copy of messages.'],
    [
      { pace: { rows: 100, every: '1s' } },
      'Fills copy of messages, at most 100 rows every 1 s of plan time.',
    ],
  ])('before it begins: %j', (changes, text) => {
    expect(backfillStep.describe(parse(changes))).toBe(text);
  });

  it.each([
    [{}, 'filled 11,900 of 12,000 rows of messages, 2,000 rows/s'],
    [
      { skipped: 90, vanished: 10 },
      'filled 11,900 of 12,000 rows of messages, 90 done already, 10 deleted meanwhile, 2,000 rows/s',
    ],
    [{ rows: 0, migrated: 0 }, 'filled 0 of 0 rows of messages'],
    [
      { pace: '100 rows per 1 s' },
      'filled 11,900 of 12,000 rows of messages, 2,000 rows/s at work, 1 min 1 s in all; paced at 100 rows per 1 s',
    ],
  ])('when it is done: %j', (changes, summary) => {
    expect(filled(changes)).toMatchObject({ move: 'done', summary });
  });

  it.each([
    [
      { quarantined: 1, firstQuarantined: 'k7: too long' },
      '1 row of messages cannot be filled, 0 tolerated',
      'k7: too long',
    ],
    [{ quarantined: 2 }, '2 rows of messages cannot be filled, 0 tolerated', 'unknown'],
  ])('when more rows are bad than it tolerates: %j', (changes, reason, first) => {
    expect(filled(changes)).toEqual({
      move: 'fail',
      reason: `${reason} (crossfade_ledger.quarantine has them; the first: ${first})`,
    });
  });

  it('when no more are bad than it tolerates', () => {
    const move = filled({ quarantined: 2, firstQuarantined: 'k7: too long' }, parse({ tolerate: 2 }));
    expect(move).toMatchObject({
      move: 'done',
      summary: 'filled 11,900 of 12,000 rows of messages, 2 set aside, 2,000 rows/s',
    });
    expect(move).not.toHaveProperty('facts.firstQuarantined');
  });
});

describe('taking a backfill back', () => {
  const undone = (outcome: Json, config = parse()) =>
    backfillStep.undo(new StepWorld().view(config, 'unfilling', succeeded(outcome)));

  it('is nothing where the plan keeps what was filled', () => {
    const view = new StepWorld().view(parse({ undo: 'keep' }), 'filling', null);
    expect(backfillStep.undo(view)).toMatchObject({
      move: 'done',
      summary: 'keeps what was filled, as the plan says',
    });
  });

  it('asks the database for it otherwise', () => {
    expect(backfillStep.undo(new StepWorld().view(parse(), 'filling', null))).toMatchObject({
      move: 'effect',
      kind: 'unfill',
    });
  });

  it.each([
    [{ rows: 0 }, { move: 'done', summary: 'nothing to take back' }],
    [{ rows: 9 }, { move: 'done', summary: 'took back what was filled of messages' }],
    [
      { rows: 9, quarantined: 3, firstQuarantined: 'k1: is referenced' },
      {
        move: 'fail',
        reason:
          '3 rows of messages could not be taken back (crossfade_ledger.quarantine has them; the first: k1: is referenced)',
      },
    ],
    [
      { rows: 9, quarantined: 1 },
      {
        move: 'fail',
        reason:
          '1 row of messages could not be taken back (crossfade_ledger.quarantine has them; the first: unknown)',
      },
    ],
  ])('ends as it went: %j', (outcome, move) => {
    expect(undone(outcome)).toMatchObject(move);
  });

  it('fails with the database’s own words', () => {
    const outcome = { status: 'failed', error: 'disk full', activeMs: 1, attempts: 3 } as const;
    expect(backfillStep.undo(new StepWorld().view(parse(), 'unfilling', outcome))).toEqual({
      move: 'fail',
      reason: 'disk full',
    });
  });
});

describe('the pace', () => {
  const pace = { rows: 100, every: 1_000 };

  it.each([
    [1, 'at speed 1'],
    [20_000, 'at speed 20,000'],
    [0.0125, 'at speed 0.0125'],
  ])('is said as the plan has it and as it is in this run, at speed %d', (speed, text) => {
    expect(describePace(pace, speed)).toContain('100 rows per 1 s of plan time');
    expect(describePace(pace, speed)).toMatch(new RegExp(`${text}$`));
  });

  it.each([
    [2_000_000, '2,000,000'],
    [10, '10'],
    [9.994, '9.99'],
    [0.25, '0.25'],
  ])('%d rows a second are worded %s', (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });

  it('limits a batch to a second of it, and to one row at least', () => {
    const config = parse({ batch_size: 500 });
    expect(batchSizeFor(config, null)).toBe(500);
    expect(batchSizeFor(config, 100.9)).toBe(100);
    expect(batchSizeFor(config, 0.1)).toBe(1);
    expect(batchSizeFor(config, 9_000)).toBe(500);
  });

  it('is none where the plan sets none', async () => {
    const world = new StepWorld();
    expect(rowsPerSecondLimit(undefined, 1)).toBeNull();
    const pacer = new Pacer(world.context(), null);
    pacer.spent(1_000_000);
    await pacer.waitForTurn();
    expect(world.clock.slept).toEqual([]);
  });

  it('stays owed when the limit becomes another', async () => {
    const world = new StepWorld({ longestSleepMs: 1 });
    const pacer = new Pacer(world.context(), 100);
    pacer.spent(200);
    pacer.limitTo(50);
    await pacer.waitForTurn();
    expect(world.clock.slept[0]).toBeGreaterThan(1_000);
  });

  it('sleeps off what a batch took, hour by hour: no timer counts further than days', async () => {
    const world = new StepWorld({ longestSleepMs: 1 });
    const pacer = new Pacer(world.context(), 1);
    pacer.spent(7_320);
    await pacer.waitForTurn();
    expect(world.clock.slept).toHaveLength(3);
    expect(world.clock.slept.slice(0, 2)).toEqual([3_600_000, 3_600_000]);
    expect(world.clock.slept[2]).toBeLessThanOrEqual(120_000);
  });
});

describe('what is wrong when a batch fails', () => {
  const answered = (code: string) => Object.assign(new Error('answered'), { code });

  it.each(['21000', '22001', '23505', '38000', '44000', '54000', 'P0001', 'XX001', '57014'])(
    '%s is a fault of the row',
    (code) => {
      expect(isFaultOfRow(answered(code))).toBe(true);
      expect(isFaultOfStatement(answered(code))).toBe(false);
    },
  );

  it.each(['42703', '42P01', '28000', '0A000', '3F000'])('%s is a fault of the statement', (code) => {
    expect(isFaultOfStatement(answered(code))).toBe(true);
    expect(isFaultOfRow(answered(code))).toBe(false);
  });

  it.each(['53100', '08006', '57P01', '40P01'])('%s is no fault of either', (code) => {
    expect(isFaultOfRow(answered(code))).toBe(false);
    expect(isFaultOfStatement(answered(code))).toBe(false);
  });

  it('is the row that is still to do after it was done', () => {
    expect(isFaultOfRow(new RowNotDone('still to do'))).toBe(true);
    expect(isFaultOfRow(new Error('a bug'))).toBe(false);
    expect(isFaultOfStatement(new Error('a bug'))).toBe(false);
  });

  it('is kept as the cause, whatever was thrown', () => {
    const batch = { rows: 1, lastPosition: 'k1', lastKey: 'k1' };
    expect(new BatchFailure(batch, 'text')).toMatchObject({ message: 'text', cause: 'text', batch });
  });
});

describe('the size of a batch', () => {
  it('grows to what is done in a tenth of a second, and not above what the plan allows', () => {
    const size = new BatchSize(3_000);
    const sizes = [];
    for (let batch = 0; batch < 5; batch += 1) {
      sizes.push(size.rows);
      size.passed(size.rows, size.rows / 25);
    }
    expect(sizes).toEqual([500, 1_000, 2_000, 2_500, 2_500]);
    size.passed(2_500, 10);
    expect(size.rows).toBe(3_000);
  });

  it('shrinks where rows take long, and stays where a batch was not full', () => {
    const size = new BatchSize(3_000);
    size.passed(500, 1_000);
    expect(size.rows).toBe(50);
    size.passed(12, 1);
    expect(size.rows).toBe(50);
  });

  it('is halved down to the one bad row', () => {
    const size = new BatchSize(7);
    const sizes = [];
    for (let rows = size.rows; rows > 1; rows = size.rows) {
      size.failed(rows);
      sizes.push(size.rows);
    }
    expect(sizes).toEqual([4, 2, 1]);
  });
});

/** A connection that answers every statement with no row, or as the test says. */
function jobOn(query: TargetConnection['query'], changes: object = {}, world = new StepWorld()): BackfillJob {
  const key = rowKeyOf('messages', [{ name: 'id', type: 'uuid' }]);
  return {
    way: 'fill',
    connection: { query },
    context: world.context(),
    config: parse(changes),
    table: 'messages',
    key,
    order: orderByKey(key),
    hasDeferred: false,
    todo: 'copy is null',
    runBatch: filling('copy = upper(body)'),
    estimatedRows: null,
  };
}
const noRow: TargetConnection['query'] = () => Promise.resolve({ rows: [], rowCount: 0 });

describe('a leader that another has followed', () => {
  it.each([
    ['opens no account', openAccount],
    ['closes none', closeAccount],
    ['claims no slice', async (job: BackfillJob) => await claimSlice(job, 'one')],
  ] as const)('%s', async (_what, work) => {
    await expect(work(jobOn(noRow))).rejects.toMatchObject({
      name: 'TerminalError',
      message: 'step step: fenced: another controller took over (token 1 is no longer the newest)',
    });
  });
});

describe('a batch that always meets somebody’s lock', () => {
  const account = {
    sweep: 1,
    passed: 0,
    migrated: 0,
    skipped: 0,
    quarantined: 0,
    vanished: 0,
    batches: 0,
    activeMs: 0,
    elapsedMs: 0,
    finished: false,
  };
  const slice = { sweep: 1, slice: 1, cursor: null, upper: 'k9', cutBy: '7', holder: 'one', attempt: 1 };

  it('ends with who is in the way, and may be tried again', async () => {
    const locked = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
    const world = new StepWorld({ longestSleepMs: 0 });
    const job = jobOn(
      async (text) => {
        if (text.includes('for update')) throw locked;
        return await noRow(text);
      },
      { lock_timeout: '500ms' },
      world,
    );
    const ended = passSlice(job, slice, new Crew(job, account, new Governor(job)), new BatchSize(500));
    await expect(ended).rejects.toThrow(
      /^step step: messages: waits for a row that somebody changes; nobody was seen .* \(40 attempts of 500 ms: canceling/,
    );
    await expect(ended).rejects.toMatchObject({ name: 'Error', cause: locked });
    expect(world.clock.slept).toHaveLength(39);
    expect(Math.max(...world.clock.slept)).toBeLessThanOrEqual(3_000);
    expect(world.progress.at(-1)).toMatchObject({ done: 0, total: null, unit: 'rows' });
  });
});
