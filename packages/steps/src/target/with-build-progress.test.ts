import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { schemaStep } from '../schema/definition.ts';
import { StatementLedger } from '../schema/statement-ledger.ts';
import { driveStep } from '../testing/drive-step.ts';
import { onlyStatement } from '../testing/only-statement.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { ensureLedger } from './ledger.ts';

const buildByBody = 'create index concurrently by_body on messages (body)';
const files = {
  'a.sql': `${buildByBody};
-- crossfade:undo
drop index concurrently if exists by_body;`,
};
const config = schemaStep.configSchema.parse({ file: 'a.sql' });

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget('create table messages (id int primary key, body text)');
});
afterEach(async () => await database.drop());

const forward = async (world: StepWorld) =>
  await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
const isSaid = async (world: StepWorld, text: string | RegExp) =>
  await vi.waitUntil(() => world.progress.some(({ note }) => note.match(text)), { timeout: 20_000 });

it('says how far a build is and whom it waits for, and lets go of its connection with the build', async () => {
  const report = await database.connect('a report');
  await report.query(`begin; insert into messages values (1, 'one')`);
  const world = new StepWorld({ target: database.directTarget, files });
  const done = forward(world);
  await isSaid(
    world,
    /^line 1 of a\.sql builds by_body: waiting for writers before build: a report for \w+ \(process \d+, idle in transaction, open for [\d.]+ s\)$/,
  );
  await report.query('commit');
  expect(await done).toMatchObject({ end: 'done' });
  const { rows } = await database.connection.query(
    `select from pg_stat_activity where datname = current_database() and application_name like 'crossfade/%'`,
  );
  expect(rows).toEqual([]);
});

it('builds all the same when nobody can look', async () => {
  const report = await database.connect('a report');
  await report.query(`begin; insert into messages values (1, 'one')`);
  let connections = 0;
  const world = new StepWorld({
    target: {
      withConnection: async (options, work) => {
        connections += 1;
        if (connections > 1) throw new Error('sorry, too many clients already');
        return await database.directTarget.withConnection(options, work);
      },
    },
    files,
  });
  const done = forward(world);
  await vi.waitUntil(() => connections > 1, { timeout: 20_000 });
  await report.query('commit');
  expect(await done).toMatchObject({ end: 'done' });
});

it('says how far the build of a dead leader is that is waited for', async () => {
  const world = new StepWorld({ target: database.directTarget, files, runId: 'run-1' });
  const report = await database.connect('a report');
  await report.query(`begin; insert into messages values (1, 'one')`);
  const dead = await database.connect('crossfade/run-1/step');
  await ensureLedger(database.connection);
  const ledger = new StatementLedger(database.connection, world.context());
  await ledger.begin('apply', { statement: onlyStatement(buildByBody), index: 0 });
  const build = dead.query(buildByBody).catch(() => undefined);
  await vi.waitUntil(
    async () =>
      (
        await database.connection.query(
          'select from pg_stat_progress_create_index where datname = current_database()',
        )
      ).rows.length > 0,
    { timeout: 10_000 },
  );
  const done = forward(world);
  await isSaid(
    world,
    /^waits for server processes of an earlier controller to end: \d+: waiting for writers before build: a report/,
  );
  await report.query('commit');
  await build;
  expect(await done).toMatchObject({ end: 'done' });
}, 60_000);
