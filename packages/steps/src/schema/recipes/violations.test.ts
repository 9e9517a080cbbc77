import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(`
    create table people (id bigint primary key);
    create table messages (id bigint primary key, person_id bigint, body text, number bigint, "Room" text);
    create table keyless (body text);
    create table events (at integer, n integer) partition by range (at);
    create table events_1 partition of events for values from (0) to (100);
    create table events_2 partition of events for values from (100) to (200);
    insert into events values (1, 1), (150, 2), (150, 2);
    insert into people values (1);
    insert into messages select n, 1 + n % 2, case when n % 10 > 0 then 'hello' end, n / 2, 'a' from generate_series(1, 40) n;
    insert into keyless values (null), (null);
  `);
});
afterAll(async () => await database.drop());

const digest = async () => (await catalogDigest(database.connection)).objects;

/** Rows that stand in the way: what is said of them, besides what Postgres says. */
const refused: readonly (readonly [string, object, RegExp])[] = [
  [
    'NOT NULL',
    { set_not_null: { table: 'messages', column: 'body' } },
    /^set_not_null on messages:2: .*(messages_body_not_null|"body").*: 4 rows, such as id = 10; id = 20; id = 30\. Correct them before/,
  ],
  [
    'NOT NULL of a table without a key',
    { set_not_null: { table: 'keyless', column: 'body' } },
    /: 2 rows\. Correct them before/,
  ],
  [
    'a check',
    { add_check: { table: 'messages', name: 'early', check: 'id < 39' } },
    /^add_check on messages:2: check constraint "early" .*: 2 rows, such as id = 39; id = 40\. /,
  ],
  [
    'a foreign key',
    {
      add_foreign_key: {
        table: 'messages',
        columns: ['person_id'],
        references: { table: 'people', columns: ['id'] },
      },
    },
    /^add_foreign_key on messages:2: .*messages_person_id_fkey.*: 20 rows, such as id = 1; /,
  ],
  [
    'a unique constraint',
    { add_unique: { table: 'messages', columns: ['number', '"Room"'] } },
    /^add_unique on messages:1: .*messages_number_Room_key.*: 19 values, such as number, Room = \d+, a; /,
  ],
  [
    'a unique constraint of a partitioned table',
    { add_unique: { table: 'events', columns: ['at', 'n'] } },
    /^add_unique on events:4: .*events_2_at_n_key.*: 1 value, such as at, n = 150, 2\. /,
  ],
  [
    'a unique index of some rows',
    { add_index: { table: 'messages', columns: ['number'], unique: true, where: 'id < 4' } },
    /^add_index on messages:1: .*messages_number_idx.*: 1 value, such as number = 1\. /,
  ],
];

describe.each(refused)('%s that rows violate', (_title, change, reason) => {
  it('is refused with how many they are and where to look, and is taken back from there', async () => {
    const before = await digest();
    const config = schemaStep.configSchema.parse({ change });
    const world = new StepWorld({ target: database.directTarget, runId: JSON.stringify(change) });
    const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
    expect(end).toMatchObject({ end: 'failed', reason: expect.stringMatching(reason) });
    expect(await digest()).not.toEqual(before);
    const undo = { direction: 'undo', fate: 'twice', data: end.data } as const;
    expect(await driveStep(schemaStep, config, world, undo)).toMatchObject({ end: 'done' });
    expect(await digest()).toEqual(before);
  });
});
