import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { PersonRow } from './content-rows.ts';
import { insertPeople } from './insert-people.ts';
import { installSchema } from './install-schema.ts';
import { connectToFreshDatabase } from './testing/stored-content.ts';

/** Few, so that the database takes them in their order. */
const PEOPLE = 4;
const emailOf = (number: number): string => `person-${number}@corp.example`;

/** In the order of their ids, so that `emails` is the order in which their addresses are taken. */
const peopleOf = (workspace: string, emails: readonly string[]): PersonRow[] =>
  emails.map((email, index) => ({
    id: `00000000-0000-4000-8000-${workspace}${String(index).padStart(11, '0')}`,
    name: `${workspace} ${index}`,
    email,
    spareEmail: `${workspace}${index}@slack.parley.example`,
  }));

test('two imports at once of workspaces in which the same people have other ids store everybody', async () => {
  const { client, url } = await connectToFreshDatabase();
  await installSchema(client);
  const connections = await Promise.all(
    [0, 1, 2].map(async () => {
      const connection = new pg.Client({ connectionString: url });
      await connection.connect();
      onTestFinished(async () => await connection.end());
      return connection;
    }),
  );
  const [first, second, holder] = connections;
  if (first === undefined || second === undefined || holder === undefined) throw new Error('expected three');
  // Both get to the middle, each from its own end; there they wait, and then each for what the other one has.
  await holder.query('BEGIN');
  await holder.query('INSERT INTO auth.users (email) VALUES ($1)', [emailOf(PEOPLE / 2)]);
  const emails = Array.from({ length: PEOPLE }, (_, index) => emailOf(index));
  const imports = [
    insertPeople(first, peopleOf('a', emails)),
    insertPeople(second, peopleOf('b', emails.toReversed())),
  ];
  const whoWaits =
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
  await vi.waitFor(async () => expect((await client.query(whoWaits)).rowCount).toBe(2), { timeout: 30_000 });
  await holder.query('ROLLBACK');
  expect(await Promise.all(imports)).toEqual([PEOPLE, PEOPLE]);
  const { rows } = await client.query<{ people: number; corporate: number }>(
    `SELECT count(*)::int AS people, (count(*) FILTER (WHERE email LIKE '%@corp.example'))::int AS corporate
     FROM auth.users`,
  );
  expect(rows).toEqual([{ people: 2 * PEOPLE, corporate: PEOPLE }]);
});
