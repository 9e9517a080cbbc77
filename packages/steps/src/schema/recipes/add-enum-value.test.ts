import { afterAll, beforeAll, expect, it } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(
    `create schema "Of Old"; create type "Of Old".mood as enum ('glad', 'sad')`,
  );
});
afterAll(async () => await database.drop());

it('adds a value where it belongs, leaves it there when it is taken back, and says so', async () => {
  const change = { add_enum_value: { type: '"Of Old".mood', value: "it's so-so", before: 'sad' } };
  const config = schemaStep.configSchema.parse({ change });
  const world = new StepWorld({ target: database.target });
  for (const fate of ['twice', 'crash before the result is recorded'] as const) {
    const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate });
    expect(end).toMatchObject({ end: 'done' });
    const { rows } = await database.connection.query(
      `select enumlabel as label from pg_enum where enumtypid = '"Of Old".mood'::regtype order by enumsortorder`,
    );
    expect(rows).toEqual([{ label: 'glad' }, { label: "it's so-so" }, { label: 'sad' }]);
    const undo = { direction: 'undo', fate, data: end.data } as const;
    expect(await driveStep(schemaStep, config, world, undo)).toMatchObject({
      end: 'done',
      summary: expect.stringContaining('stays in mood: Postgres takes none back. It does no harm'),
    });
  }
});
