import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutOffEverywhere } from '../../testing/cut-off-everywhere.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { backfillStep } from '../definition.ts';

const rows = 5;
const file = 'transforms/upper.js';
const text = `export const transform = (rows) => rows.map(({ columns: { body } }) => {
  if (body === 'note 4') throw new Error('bad');
  return { copy: body.toUpperCase() };
});`;
const config = backfillStep.configSchema.parse({
  table: 'notes',
  key: 'id',
  transform: { file, read: ['body'], write: ['copy'] },
  where: 'copy is null',
  batch_size: 3,
  tolerate: 1,
  verify: 'off',
  dual_write: 'application',
  undo: { set: { copy: 'null' } },
});

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget('create table notes (id bigint primary key, body text, copy text);');
});
afterAll(async () => await database.drop());

describe('a transform that is cut off after every statement', { timeout: 180_000 }, () => {
  it('has every row counted once', async () => {
    let runs = 0;
    const cuts = await cutOffEverywhere({
      type: backfillStep,
      config,
      kind: 'fill',
      prepare: async () => {
        runs += 1;
        await database.connection.query('truncate notes');
        await database.connection.query(
          `insert into notes (id, body) select n, 'note ' || n from generate_series(1, ${rows}) n`,
        );
        return new StepWorld({ target: database.target, runId: `run-${runs}`, files: { [file]: text } });
      },
      verify: async ({ runId }) => {
        const { rows: counted } = await database.connection.query(
          `select sum(passed)::int as passed, sum(migrated)::int as migrated, sum(quarantined)::int as quarantined,
                  sum(skipped + vanished)::int as others from crossfade_ledger.slices where run_id = $1`,
          [runId],
        );
        expect(counted).toEqual([{ passed: rows, migrated: rows - 1, quarantined: 1, others: 0 }]);
        const { rows: copied } = await database.connection.query(
          'select count(*)::int as n from notes where copy = upper(body)',
        );
        expect(copied).toEqual([{ n: rows - 1 }]);
      },
    });
    expect(cuts).toBeGreaterThan(30);
  });
});
