import { afterAll, beforeAll, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { schemaStep } from './definition.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(
    'create table messages (id int); alter table messages add constraint positive check (id > 0) not valid;',
  );
});
afterAll(async () => await database.drop());

it('VALIDATE outwaits a VACUUM, and people read and write meanwhile', async () => {
  const vacuum = await database.connect('a vacuum');
  await vacuum.query('begin; lock table messages in share update exclusive mode');
  const files = {
    'a.sql': 'alter table messages validate constraint positive;\n-- crossfade:undo\nselect 1;',
  };
  const config = schemaStep.configSchema.parse({ file: 'a.sql', lock_timeout: '20ms', attempts: 1 });
  const world = new StepWorld({ target: database.target, files });
  const done = driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
  const waiting = async () =>
    (
      await database.connection.query(
        `select from pg_locks where relation = 'messages'::regclass and not granted`,
      )
    ).rows.length > 0;
  await expect.poll(waiting, { timeout: 10_000 }).toBe(true);
  const person = await database.connect('a person');
  await person.query(`set lock_timeout = '500ms'; insert into messages values (1)`);
  await person.query('select from messages');
  // Far longer than lock_timeout.
  await person.query('select pg_sleep(0.3)');
  await vacuum.query('commit');
  expect(await done).toMatchObject({ end: 'done' });
});
