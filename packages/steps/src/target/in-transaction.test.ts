import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { inTransaction } from './in-transaction.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(`
    create table notes (id int); insert into notes values (1), (2); grant select on notes to pg_monitor;
    alter table notes enable row level security; create policy own on notes using (id = 1);
  `);
});
afterAll(async () => await database.drop());
const limits = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };

it('refuses rows that a policy hides, where half a table would pass for the whole', async () => {
  const { connection } = database;
  const counting = inTransaction(connection, limits, async () => {
    await connection.query('set local role pg_monitor');
    return await connection.query('select count(*) from notes');
  });
  await expect(counting).rejects.toThrow('row-level security policy');
});

it('does not depend on the defaults of the role or the database', async () => {
  const { connection } = database;
  await connection.query(
    'set default_transaction_read_only = on; set default_transaction_isolation = serializable',
  );
  await inTransaction(connection, limits, async () => await connection.query('insert into notes values (3)'));
  await connection.query('reset all');
  expect((await connection.query('select from notes')).rows).toHaveLength(3);
});

it('leaves nothing of its limits behind', async () => {
  const { connection } = database;
  const settings = `select current_setting('lock_timeout') || current_setting('statement_timeout') ||
    current_setting('idle_in_transaction_session_timeout') || current_setting('row_security') as them`;
  const before = (await connection.query(settings)).rows;
  const within = await inTransaction(connection, limits, async () => await connection.query(settings));
  expect(within.rows).not.toEqual(before);
  expect((await connection.query(settings)).rows).toEqual(before);
});

it('bears its name for as long as it lasts, where the connection cannot', async () => {
  const { connection } = database;
  const named = { ...connection, transactionName: 'crossfade/run-1/a "step"' };
  const ask = async () =>
    (await connection.query<{ name: string }>(`select current_setting('application_name') as name`)).rows[0]
      ?.name;
  expect(await inTransaction(named, limits, ask)).toBe('crossfade/run-1/a "step"');
  expect(await ask()).toBe('the test');
});
