import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import type { Counts } from '../backfill-ledger.ts';
import { backfillStep } from '../definition.ts';
import { openBackfills, workAtBackfill, type WorkerContext } from './work-at-backfills.ts';

const rows = 200_000;
let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create table things (id bigint primary key, name text not null, copy text);
    insert into things (id, name) select n, 'thing ' || n from generate_series(1, ${rows}) n;
    analyze things;
  `);
});
afterEach(async () => await database.drop());

const settings = {
  table: 'things',
  key: 'id',
  set: { copy: 'upper(name)' },
  where: 'copy is null',
  dual_write: 'application',
  batch_size: 500,
  undo: { set: { copy: 'null' } },
};
const config = backfillStep.configSchema.parse(settings);
const fill = { key: 'k', kind: 'fill', input: null, config };
const counts = { rows, migrated: rows, skipped: 0, quarantined: 0, vanished: 0, remaining: 0 };

async function query<Row extends object>(sql: string): Promise<readonly Row[]> {
  return (await database.connection.query<Row>(sql)).rows;
}
const slices = async () =>
  await query<{ slice: number; holder: string | null; passed: number; accounted: number }>(
    `select slice, holder, passed::int as passed, (migrated + skipped + quarantined + vanished)::int as accounted
       from crossfade_ledger.slices order by slice`,
  );
const unfilled = async () =>
  await query('select id from things where copy is distinct from upper(name) limit 5');

interface Helper {
  readonly ended: Promise<unknown>;
  readonly stop: () => void;
  readonly rows: () => number;
}

/** A worker as another process has one: of what is led, the first. */
async function help(world: StepWorld, name: string, change: Partial<WorkerContext> = {}): Promise<Helper> {
  const stopping = new AbortController();
  let done = 0;
  const worker: WorkerContext = {
    runId: world.runId,
    signal: stopping.signal,
    speed: world.speed,
    files: {},
    target: database.target,
    clock: world.clock,
    random: world.random,
    backfills: new Map([[world.stepId, config]]),
    name,
    onRows: (_step, { migrated, skipped }: Counts) => (done += migrated + skipped),
    onNote: () => undefined,
    ...change,
  };
  const [lead] = await vi.waitUntil(
    async () => {
      const leads = await openBackfills(database.connection, worker);
      return leads.length > 0 && leads;
    },
    { timeout: 20_000 },
  );
  if (!lead) throw new Error('nobody leads');
  const ended = workAtBackfill(lead, worker).then(
    () => 'ended',
    (error: unknown) => error,
  );
  return { ended, stop: () => stopping.abort(), rows: () => done };
}

const somebodyHolds = async (name: string) =>
  await vi.waitUntil(
    async () => (await slices()).some(({ holder, passed }) => holder === `worker ${name}` && passed > 0),
    { timeout: 20_000 },
  );

describe('a worker of another process', () => {
  it('takes part: every row is passed once, by one of them', async () => {
    const world = new StepWorld({ target: database.target });
    const leading = backfillStep.perform(fill, world.context());
    const helpers = [await help(world, 'a'), await help(world, 'b')];
    await somebodyHolds('a');
    expect(await leading).toMatchObject(counts);
    expect(await Promise.all(helpers.map(async ({ ended }) => await ended))).toEqual(['ended', 'ended']);
    expect(helpers.reduce((sum, helper) => sum + helper.rows(), 0)).toBeGreaterThan(0);
    expect(await unfilled()).toEqual([]);
    for (const { passed, accounted } of await slices()) expect(accounted).toBe(passed);
  });

  it('that dies is followed by another in its slice, once its lease is over', async () => {
    const world = new StepWorld({ target: database.target });
    const leading = backfillStep.perform(fill, world.context());
    const helper = await help(world, 'a');
    await somebodyHolds('a');
    // Its lease stays as a killed process leaves it.
    helper.stop();
    expect(await helper.ended).toMatchObject({ name: 'AbortError' });
    expect(await leading).toMatchObject(counts);
    expect(await unfilled()).toEqual([]);
  }, 60_000);

  it('that stands still beyond its lease finds its slice with another, and changes nothing of it', async () => {
    const world = new StepWorld({ target: database.target });
    const leading = backfillStep.perform(fill, world.context());
    const still = { holds: false, held: 0 };
    const helper = await help(world, 'a', {
      target: {
        withConnection: async (options, work) =>
          await database.target.withConnection(
            options,
            async (connection) =>
              await work({
                ...connection,
                async query(text, parameters) {
                  // Between two batches, as a process that is stopped there.
                  if (still.holds && text.startsWith('begin')) {
                    still.held += 1;
                    await vi.waitUntil(() => !still.holds, { timeout: 60_000 });
                  }
                  return await connection.query(text, parameters);
                },
              }),
          ),
      },
    });
    await somebodyHolds('a');
    still.holds = true;
    await vi.waitUntil(() => still.held > 0, { timeout: 10_000 });
    await query(
      `update crossfade_ledger.slices set lease_until = now() - interval '1 s' where holder = 'worker a'`,
    );
    expect(await leading).toMatchObject(counts);
    still.holds = false;
    expect(await helper.ended).toBe('ended');
    expect(await unfilled()).toEqual([]);
  }, 60_000);

  it('stops when its leader does, and never works without one', async () => {
    const world = new StepWorld({ target: database.target, speed: 1, longestSleepMs: 60_000 });
    const slow = backfillStep.configSchema.parse({ ...settings, pace: { rows: 40_000, every: '1s' } });
    const backfills = new Map([[world.stepId, slow]]);
    const stop = new AbortController();
    const leading = backfillStep
      .perform({ ...fill, config: slow }, world.context(stop.signal))
      .catch((error: unknown) => error);
    const helper = await help(world, 'a', { backfills });
    await somebodyHolds('a');
    // The leader notices within a second that it is helped.
    await sleep(1_200);
    stop.abort();
    await leading;
    expect(await helper.ended).toBe('ended');
    const before = (await slices()).reduce((sum, { passed }) => sum + passed, 0);
    await sleep(300);
    expect((await slices()).reduce((sum, { passed }) => sum + passed, 0)).toBe(before);
    expect(before).toBeLessThan(rows);
    expect(await openBackfills(database.connection, { runId: world.runId, backfills })).toEqual([]);
  });

  it('is fenced by whoever takes it back: not one row more is filled', async () => {
    const world = new StepWorld({ target: database.target });
    const stop = new AbortController();
    const leading = backfillStep.perform(fill, world.context(stop.signal)).catch((error: unknown) => error);
    const helper = await help(world, 'a');
    await somebodyHolds('a');
    stop.abort();
    await leading;
    await backfillStep.perform({ ...fill, kind: 'unfill' }, world.context());
    expect(await query('select from things where copy is not null limit 1')).toEqual([]);
    await helper.ended;
    expect(await query('select from things where copy is not null limit 1')).toEqual([]);
  });
});
