import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { backfillStep } from './definition.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(`
    create table messages (id int primary key, born numeric not null unique, nick text unique, sort int not null, body text, copy text);
    create table guarded (id int primary key, copy text);
    insert into guarded (id) select n from generate_series(1, 3) n;
    create function refuse() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger refuse before update on guarded for each row when (old.id = 2) execute function refuse();
  `);
});
afterAll(async () => await database.drop());

const fill = async (changes: object) => {
  const config = backfillStep.configSchema.parse({
    table: 'messages',
    key: 'id',
    set: { copy: "'done'" },
    where: 'copy is null',
    dual_write: 'trigger',
    undo: 'keep',
    ...changes,
  });
  const world = new StepWorld({ target: database.target, stepId: JSON.stringify(changes) });
  return await driveStep(backfillStep, config, world, { direction: 'forward', fate: 'once' });
};

describe('a table that cannot carry a backfill', () => {
  it.each([
    [{ table: 'nowhere' }, 'nowhere.id does not exist'],
    [{ key: 'nothing' }, 'messages.nothing does not exist'],
    [{ key: 'born' }, 'messages.born is of type numeric: expected uuid, bigint, integer'],
    [{ key: 'nick' }, 'messages.nick may be null: expected a column that is not null'],
    [{ key: 'sort' }, 'messages.sort has no unique index of its own: expected a primary or unique key'],
  ])('is refused with what is wrong and what is expected: %j', async (changes, reason) => {
    expect(await fill(changes)).toMatchObject({ end: 'failed', reason: expect.stringContaining(reason) });
  });
});

it('sets a row aside whose change a trigger suppresses, and fills the others', async () => {
  expect(await fill({ table: 'guarded', tolerate: 1 })).toMatchObject({
    end: 'done',
    facts: { migrated: 2, quarantined: 1, remaining: 1 },
  });
  const { rows } = await database.connection.query(
    'select row_key, reason from crossfade_ledger.quarantine order by row_key',
  );
  expect(rows).toEqual([{ row_key: '2', reason: 'a trigger of the table suppressed the change' }]);
});
