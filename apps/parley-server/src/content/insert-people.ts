import type { ClientBase } from 'pg';
import { chunksOf } from './content-rows.ts';
import type { PersonRow } from './content-rows.ts';

// Two people may bring the same address, and e-mail addresses are unique: who comes second gets the spare one.
const WITH_OWN_EMAIL = `
  INSERT INTO auth.users (id, email, raw_user_meta_data)
  SELECT person.id, person.email, jsonb_build_object('name', person.name)
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS person (id, name, email)
  ON CONFLICT DO NOTHING`;

const WITH_SPARE_EMAIL = `
  INSERT INTO auth.users (id, email, raw_user_meta_data)
  SELECT person.id, person.email, jsonb_build_object('name', person.name)
  FROM unnest($1::uuid[], $2::text[], $3::text[]) AS person (id, name, email)
  WHERE NOT EXISTS (SELECT FROM auth.users existing WHERE existing.id = person.id)
  ON CONFLICT (id) DO NOTHING`;

const PEOPLE_PER_STATEMENT = 2_000;

/** Stores the people who are not stored yet; those who are keep what they have. Returns how many are new. */
export async function insertPeople(client: ClientBase, people: readonly PersonRow[]): Promise<number> {
  let inserted = 0;
  for (const chunk of chunksOf(people, PEOPLE_PER_STATEMENT)) {
    const ids = chunk.map((person) => person.id);
    const names = chunk.map((person) => person.name);
    const first = await client.query(WITH_OWN_EMAIL, [ids, names, chunk.map((person) => person.email)]);
    const second = await client.query(WITH_SPARE_EMAIL, [
      ids,
      names,
      chunk.map((person) => person.spareEmail),
    ]);
    inserted += (first.rowCount ?? 0) + (second.rowCount ?? 0);
  }
  return inserted;
}
