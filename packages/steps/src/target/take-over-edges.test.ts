import type { TargetConnection } from '@crossfade/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionOf } from '../testing/pg-target.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { endLeftOvers } from './end-left-overs.ts';
import { claimStep, ensureLedger } from './ledger.ts';
import { takeOver } from './take-over.ts';

it('does not let a leader claim a step that a later one has claimed', async () => {
  const connection: TargetConnection = { query: () => Promise.resolve({ rows: [], rowCount: 0 }) };
  await expect(claimStep(connection, { runId: 'run-1', stepId: 'a', token: 3 })).rejects.toThrow(
    'step a: fenced: another controller took over (token 3 is no longer the newest)',
  );
});

/** A world whose clock moves a second with each look at the server. */
function worldWithLeftOver(progress: () => string | null) {
  const world = new StepWorld({ longestSleepMs: 0 });
  const ended: unknown[] = [];
  let elapsedMs = 0;
  const context = { ...world.context(), clock: { ...world.clock, elapsedMs: () => elapsedMs } };
  const connection: TargetConnection = {
    query: (text, parameters = []) => {
      if (text.includes('pg_terminate_backend')) ended.push({ elapsedMs, pid: parameters[0] });
      else elapsedMs += 1_000;
      const rows = JSON.parse(JSON.stringify([{ pid: 4711, progress: progress() }]));
      return Promise.resolve({ rows, rowCount: 1 });
    },
  };
  return { world, context, connection, ended };
}

it('ends at once what a dead leader left that builds nothing, and says so when it does not end', async () => {
  const { world, context, connection, ended } = worldWithLeftOver(() => null);
  await expect(endLeftOvers(connection, context)).rejects.toThrow(
    'server processes 4711 of an earlier controller did not end within 15000 ms',
  );
  expect(ended[0]).toEqual({ elapsedMs: 1_000, pid: 4711 });
  expect(world.progress[0]?.note).toBe('waits for server processes of an earlier controller to end: 4711');
});

it('lets a build go on for as long as it gets on, and ends it when it stands still', async () => {
  let blocks = 0;
  const { context, connection, ended } = worldWithLeftOver(() => `scanning ${Math.min((blocks += 1), 30)}`);
  await expect(endLeftOvers(connection, context)).rejects.toThrow('did not end within 15000 ms');
  expect(ended[0]).toEqual({ elapsedMs: 36_000, pid: 4711 });
});

describe('the order of taking over', () => {
  /** A server with one process left over; it answers the n-th claim with the n-th answer, and every later one with 'ours'. */
  function serverWithLeftOver(answers: readonly ('ours' | 'held' | 'fenced')[]) {
    const done: string[] = [];
    const query = (text: string): unknown[] => {
      if (text.includes('to_regclass')) return [{ complete: true }];
      if (text.includes('insert into crossfade_ledger.fences')) {
        const answer = answers[done.filter((what) => what.startsWith('claim')).length] ?? 'ours';
        done.push(`claim: ${answer}`);
        if (answer === 'held') throw Object.assign(new Error('lock timeout'), { code: '55P03' });
        return answer === 'fenced' ? [] : [{}];
      }
      if (text.includes('pg_terminate_backend')) done.push('end');
      else if (text.includes('pg_stat_activity') && !done.includes('end'))
        return [{ pid: 4711, progress: null }];
      return [];
    };
    const connection: TargetConnection = {
      query: async (text) => {
        const rows = await Promise.resolve(text).then(query);
        return { rows: JSON.parse(JSON.stringify(rows)), rowCount: rows.length };
      },
    };
    return { connection, done };
  }
  const context = new StepWorld({ longestSleepMs: 0 }).context();

  it('is to claim, and then to end what is left over', async () => {
    const { connection, done } = serverWithLeftOver(['ours']);
    await takeOver(connection, context);
    expect(done).toEqual(['claim: ours', 'end']);
  });

  it('is to end it first only where it keeps the step from being claimed', async () => {
    const { connection, done } = serverWithLeftOver(['held']);
    await takeOver(connection, context);
    expect(done).toEqual(['claim: held', 'end', 'claim: ours']);
  });

  it('ends nobody when a later leader has claimed the step', async () => {
    const { connection, done } = serverWithLeftOver(['fenced']);
    await expect(takeOver(connection, context)).rejects.toThrow('fenced: another controller took over');
    expect(done).toEqual(['claim: fenced']);
  });
});

describe('on a server', () => {
  let database: TestTarget;
  beforeAll(async () => {
    database = await createTestTarget('select 1');
    await ensureLedger(database.connection);
  });
  afterAll(async () => await database.drop());

  const worldWith = (token: number, runId: string) => {
    const world = new StepWorld({ runId, longestSleepMs: 0 });
    world.token = token;
    return world;
  };

  it('a leader that was overtaken after it had claimed does not end its successor', async () => {
    const late = worldWith(6, 'overtaken');
    const successor = worldWith(7, 'overtaken');
    await claimStep(database.connection, late.context());
    const session = await database.connect('crossfade/overtaken/step');
    await claimStep(connectionOf(session), successor.context());
    await expect(endLeftOvers(database.connection, late.context())).rejects.toThrow('did not end within');
    expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('a dead leader that holds the row of the step in a transaction is ended', async () => {
    const session = await database.connect('crossfade/dead/step');
    await session.query('begin');
    await claimStep(connectionOf(session), worldWith(1, 'dead').context());
    await takeOver(database.connection, worldWith(2, 'dead').context());
    await expect(session.query('select 1')).rejects.toThrow(/terminat|connection/i);
    const { rows } = await database.connection.query(
      `select token::text from crossfade_ledger.fences where run_id = 'dead'`,
    );
    expect(rows).toEqual([{ token: '2' }]);
  });
});
