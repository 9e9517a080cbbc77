import { afterEach, beforeEach, expect, it } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create table messages (id bigint primary key);
    insert into messages select generate_series(1, 1000);
    create function shop() returns text language sql stable as $$ select 'north' $$;
    create function ticket() returns text language plpgsql volatile as $$ begin return 'a'; end $$;
  `);
});
afterEach(async () => await database.drop());

async function fileOfTable(): Promise<unknown> {
  const { rows } = await database.connection.query(`select pg_relation_filenode('messages') as file`);
  return rows;
}

/** Old rows and a new one, as [those with a value, those without]. */
async function valuesAfter(type: string, value: string): Promise<unknown> {
  const change = { add_column: { table: 'messages', column: 'c', type, default: value } };
  const world = new StepWorld({ target: database.target });
  const config = schemaStep.configSchema.parse({ change });
  const before = await fileOfTable();
  expect(await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' })).toMatchObject({
    end: 'done',
  });
  expect(await fileOfTable(), 'the table is not written anew').toEqual(before);
  await database.connection.query('insert into messages values (0)');
  const { rows } = await database.connection.query(
    `select count(c)::integer as with, (count(*) - count(c))::integer as without from messages`,
  );
  return rows[0];
}

it.each([
  ['text', `'open'`],
  ['jsonb', `'{}'::jsonb`],
  ['timestamptz', 'now()'],
  ['integer', '60 * 60'],
  ['text', 'shop()'],
])('a %s with the default %s is there for all rows at once', async (type, value) => {
  expect(await valuesAfter(type, value)).toEqual({ with: 1001, without: 0 });
});

it.each([
  ['uuid', 'gen_random_uuid()'],
  ['timestamptz', 'clock_timestamp()'],
  ['text', 'ticket()'],
])('a %s with the default %s is there for new rows', async (type, value) => {
  expect(await valuesAfter(type, value)).toEqual({ with: 1, without: 1000 });
});
