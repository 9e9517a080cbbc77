import type { ClientBase } from 'pg';
import { chunksOf } from './content-rows.ts';
import type { PersonRow } from './content-rows.ts';
import { inTransaction } from '../in-transaction.ts';

// Two people may bring the same address, and e-mail addresses are unique: who comes second gets the spare one.
const INSERT = `
  INSERT INTO auth.users (id, email, raw_user_meta_data)
  SELECT person.id, person.email, jsonb_build_object('name', person.name)
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS person (id, name, email)
  WHERE NOT EXISTS (SELECT FROM auth.users existing WHERE existing.id = person.id)
  ON CONFLICT DO NOTHING`;

// Somebody may even have the spare one of another: then there is none.
const INSERT_WITHOUT_EMAIL = `
  INSERT INTO auth.users (id, raw_user_meta_data)
  SELECT person.id, jsonb_build_object('name', person.name)
  FROM unnest($1::uuid[], $2::text[]) AS person (id, name)
  ON CONFLICT (id) DO NOTHING`;

// Two imports may know people by other ids who have the same addresses: no order of the rows keeps them from waiting for
// each other in a circle.
const ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('parley people', 0))";

const PEOPLE_PER_STATEMENT = 2_000;

/**
 * Stores the people who are not stored yet; those who are keep what they have. A signal ends it between two chunks.
 * @returns how many are new
 */
export async function insertPeople(
  client: ClientBase,
  people: readonly PersonRow[],
  signal?: AbortSignal,
): Promise<number> {
  let inserted = 0;
  // In one order for everybody: of those who bring the same address, the same one gets it each time.
  const ordered = people.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  for (const chunk of chunksOf(ordered, PEOPLE_PER_STATEMENT)) {
    signal?.throwIfAborted();
    inserted += await inTransaction(client, async () => await insertChunk(client, chunk));
  }
  return inserted;
}

async function insertChunk(client: ClientBase, chunk: readonly PersonRow[]): Promise<number> {
  const ids = chunk.map((person) => person.id);
  const names = chunk.map((person) => person.name);
  let inserted = 0;
  await client.query(ONE_AT_A_TIME);
  for (const emails of [chunk.map((person) => person.email), chunk.map((person) => person.spareEmail)]) {
    inserted += (await client.query(INSERT, [ids, names, emails])).rowCount ?? 0;
  }
  return inserted + ((await client.query(INSERT_WITHOUT_EMAIL, [ids, names])).rowCount ?? 0);
}
