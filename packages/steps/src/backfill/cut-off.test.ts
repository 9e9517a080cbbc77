import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutOffEverywhere } from '../testing/cut-off-everywhere.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { backfillStep } from './definition.ts';

const rows = 6;
const config = backfillStep.configSchema.parse({
  table: 'numbers',
  key: 'id',
  set: { number: 'text::integer' },
  where: 'number is null',
  batch_size: 3,
  tolerate: 1,
  dual_write: 'application',
  undo: { set: { number: 'null' } },
});
const fill = { key: 'k', kind: 'fill', input: null, config };

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(
    'create table numbers (id bigint primary key, text text, number integer);',
  );
});
afterAll(async () => await database.drop());

let runs = 0;
async function newRun(): Promise<StepWorld> {
  runs += 1;
  await database.connection.query('truncate numbers');
  await database.connection.query(
    `insert into numbers (id, text) select n, case when n = 4 then 'poison' else n::text end from generate_series(1, ${rows}) n`,
  );
  return new StepWorld({ target: database.target, runId: `run-${runs}` });
}
const filled = async () =>
  (await database.connection.query<{ n: number }>('select count(*)::int as n from numbers where number = id'))
    .rows[0]?.n;
const accounts = async (runId: string) =>
  (
    await database.connection.query(
      `select direction, sum(passed)::int as passed, sum(migrated)::int as migrated, sum(skipped)::int as skipped,
              sum(quarantined)::int as quarantined, sum(vanished)::int as vanished
         from crossfade_ledger.slices where run_id = $1 group by direction order by direction`,
      [runId],
    )
  ).rows;

// Longer than a busy machine takes for some hundred connections.
describe('a backfill that is cut off after every statement', { timeout: 120_000 }, () => {
  it('counts every row once', async () => {
    const cuts = await cutOffEverywhere({
      type: backfillStep,
      config,
      kind: 'fill',
      prepare: newRun,
      verify: async ({ runId }) => {
        expect(await filled()).toBe(rows - 1);
        expect(await accounts(runId)).toEqual([
          { direction: 'fill', passed: rows, migrated: rows - 1, skipped: 0, quarantined: 1, vanished: 0 },
        ]);
      },
    });
    expect(cuts).toBeGreaterThan(30);
  });

  it('is taken back whole', async () => {
    await cutOffEverywhere({
      type: backfillStep,
      config,
      kind: 'unfill',
      prepare: async () => {
        const world = await newRun();
        await backfillStep.perform(fill, world.context());
        return world;
      },
      verify: async () => expect(await filled()).toBe(0),
    });
  });
});
