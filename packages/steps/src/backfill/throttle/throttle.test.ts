import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { backfillStep } from '../definition.ts';

const rows = 100_000;
let database: TestTarget;
let world: StepWorld;
beforeEach(async () => {
  database = await createTestTarget(`
    create table things (id bigint primary key, name text not null, copy text);
    insert into things (id, name) select n, 'thing ' || n from generate_series(1, ${rows}) n;
    create table elsewhere (id int);
    analyze;
  `);
  // Past any pooler: a session of it could not be told from another.
  world = new StepWorld({ target: database.directTarget, speed: 1, longestSleepMs: 60_000 });
});
afterEach(async () => await database.drop());

const fill = async (throttle: unknown, changes: object = {}) => {
  const config = backfillStep.configSchema.parse({
    table: 'things',
    key: 'id',
    set: { copy: 'upper(name)' },
    where: 'copy is null',
    batch_size: 200,
    dual_write: 'application',
    undo: 'keep',
    throttle,
    ...changes,
  });
  return await driveStep(backfillStep, config, world, { direction: 'forward', fate: 'once' });
};
const notes = () => world.progress.map(({ note }) => note).join('\n');
const passed = () =>
  Math.max(0, ...world.progress.filter(({ unit }) => unit === 'rows').map(({ done }) => done));

describe('a backfill that heeds the database', { timeout: 60_000 }, () => {
  it('stands still while sessions wait for locks, goes on after, and tells of it', async () => {
    const holder = await database.connect('a person');
    await holder.query('begin; lock table elsewhere');
    const waiting = await database.connect('another person');
    const waits = waiting.query('select from elsewhere');
    const done = fill({ max_waiting_sessions: 0 });
    await vi.waitUntil(() => notes().includes('paused: 1 session waiting for locks, more than 0'), {
      timeout: 20_000,
    });
    // Whoever looks loses the connection meanwhile.
    // In a transaction of its own the holder would see them as they were when it first looked.
    const lookers = `from pg_stat_activity where query like '%crossfade_ledger.leads%' and pid <> pg_backend_pid()`;
    await vi.waitUntil(async () => (await database.connection.query(`select ${lookers}`)).rowCount === 1, {
      timeout: 10_000,
    });
    await database.connection.query(`select pg_terminate_backend(pid) ${lookers}`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // It was known before anything was written.
    expect(passed()).toBe(0);
    await holder.query('commit');
    await waits;
    expect(await done).toMatchObject({
      end: 'done',
      summary: expect.stringMatching(/held up 1 time, paused for \d+ s/) as string,
      facts: {
        migrated: rows,
        slowdownCount: 1,
        slowdowns: [
          {
            at: expect.stringMatching(/^\d{4}-/) as string,
            reason: 'paused: 1 session waiting for locks, more than 0',
            forMs: expect.any(Number) as number,
          },
        ],
      },
    });
  });

  it('is slower while people are, and quicker when they are again', async () => {
    const histogram = 'request_seconds';
    const withP95 = (seconds: number) =>
      world.metrics.histograms.set(histogram, {
        buckets: [
          { upperEdge: seconds / 2, count: 0 },
          { upperEdge: seconds, count: 100 },
          { upperEdge: Infinity, count: 100 },
        ],
        count: 100,
        sum: 1,
      });
    withP95(0.4);
    const done = fill({ latency: { histogram, p95_below: '200ms' } }, { batch_size: 100 });
    await vi.waitUntil(() => /slowed: p95 390 ms > 200 ms/.test(notes()), { timeout: 20_000 });
    withP95(0.1);
    const end = await done;
    expect(end).toMatchObject({ end: 'done', facts: { migrated: rows } });
    expect(JSON.stringify(end)).toMatch(/slowed: p95 390 ms > 200 ms/);
  });

  it('heeds nothing where the plan says so, and is not held up where nothing is in its way', async () => {
    expect(await fill('off')).toMatchObject({ end: 'done', facts: { slowdownCount: 0, pausedMs: 0 } });
    await database.connection.query('update things set copy = null');
    world = new StepWorld({ target: database.target, runId: 'run-2', speed: 1, longestSleepMs: 60_000 });
    expect(await fill({})).toMatchObject({ end: 'done', facts: { slowdownCount: 0, pausedMs: 0 } });
  });
});
