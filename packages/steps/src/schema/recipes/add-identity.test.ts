import { afterAll, beforeAll, expect, it } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(`
    create schema "Old Data";
    create table "Old Data"."It's full" (id integer primary key, body text);
    insert into "Old Data"."It's full" values (7, 'seventh'), (41, 'last');
    create table nothing (id bigint not null);
    create table below (id bigint not null);
    insert into below values (-5);
  `);
});
afterAll(async () => await database.drop());

it.each([
  [`"Old Data"."It's full"`, `"Old Data"."It's full"`, 42],
  ['nothing', 'nothing', 1],
  ['below', 'below', 1],
])('the numbers of %s go on above the largest', async (table, sql, next) => {
  const config = schemaStep.configSchema.parse({ change: { add_identity: { table, column: 'id' } } });
  const world = new StepWorld({ target: database.target, runId: table });
  const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'twice' });
  expect(end).toMatchObject({ end: 'done' });
  const { rows } = await database.connection.query<{ id: string | number }>(
    `insert into ${sql} default values returning id`,
  );
  expect(Number(rows[0]?.id)).toBe(next);
});

it('is there already only where the column is an identity: a column that is gone is not', async () => {
  const config = schemaStep.configSchema.parse({
    change: { add_identity: { table: 'again', column: 'id' } },
  });
  const run = async (runId: string) =>
    await driveStep(schemaStep, config, new StepWorld({ target: database.target, runId }), {
      direction: 'forward',
      fate: 'once',
    });
  await database.connection.query('create table again (id bigint not null, kept int)');
  expect(await run('first')).toMatchObject({ end: 'done' });
  expect(await run('second')).toMatchObject({ end: 'done' });
  await database.connection.query('alter table again drop column id');
  expect(await run('third')).toMatchObject({ end: 'failed', reason: expect.stringContaining('id') });
});
