import type { Database } from '../database.ts';
import { ME, ME_HERE, nameOf } from './fragments.ts';

export type Profile = {
  id: string;
  email: string | null;
  name: string;
  title: string;
  settings: Record<string, unknown>;
  server_time_ms: number;
};

/** Whoever asks is using the session: noted at most once in five minutes, since it is asked often. */
const READ = `
WITH ${ME},
used AS (
  UPDATE parley.sessions SET last_used_at = now()
  WHERE token_hash = $1 AND revoked_at IS NULL AND coalesce(last_used_at, created_at) < now() - interval '5 min'
)
SELECT u.id, u.email, ${nameOf('u')} AS name, coalesce(p.title, '') AS title, coalesce(p.settings, '{}') AS settings,
  (extract(epoch FROM clock_timestamp()) * 1000)::double precision AS server_time_ms
FROM me JOIN auth.users u ON u.id = me.id LEFT JOIN parley.profiles p ON p.user_id = me.id`;

/** @returns undefined without a valid session. */
export async function readProfile(database: Database, tokenHash: Buffer): Promise<Profile | undefined> {
  const [row] = await database.query<Profile>(READ, [tokenHash]);
  return row;
}

const CHANGE = `
WITH ${ME_HERE},
named AS (
  UPDATE auth.users u SET raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}') || jsonb_build_object('name', $2::text),
    updated_at = now()
  FROM me WHERE u.id = me.id AND $2::text IS NOT NULL
),
titled AS (
  INSERT INTO parley.profiles (user_id, title) SELECT me.id, $3 FROM me WHERE $3::text IS NOT NULL
  ON CONFLICT (user_id) DO UPDATE SET title = excluded.title
)
SELECT me.id FROM me`;

/** What is null stays. @returns false without a valid session. */
export async function changeProfile(
  database: Database,
  tokenHash: Buffer,
  { name, title }: { name: string | null; title: string | null },
): Promise<boolean> {
  return (await database.query(CHANGE, [tokenHash, name, title])).length > 0;
}

const KEEP_SETTINGS = `
WITH ${ME_HERE}
INSERT INTO parley.profiles (user_id, settings) SELECT me.id, $2::jsonb FROM me
ON CONFLICT (user_id) DO UPDATE SET settings = excluded.settings
RETURNING settings`;

/** @returns undefined without a valid session. */
export async function keepSettings(
  database: Database,
  tokenHash: Buffer,
  settings: Record<string, unknown>,
): Promise<Record<string, unknown> | undefined> {
  const [row] = await database.query<{ settings: Record<string, unknown> }>(KEEP_SETTINGS, [
    tokenHash,
    JSON.stringify(settings),
  ]);
  return row?.settings;
}

/** Supabase's own table has no defaults. Nothing is made where the address is somebody's, in whatever letters it is written. */
const SIGN_UP = `
INSERT INTO auth.users (id, email, encrypted_password, raw_user_meta_data, created_at, updated_at)
SELECT gen_random_uuid(), $1, $2, jsonb_build_object('name', $3::text), now(), now()
WHERE NOT EXISTS (SELECT 1 FROM auth.users WHERE lower(email) = lower($1))
ON CONFLICT DO NOTHING
RETURNING id`;

/** @returns undefined when somebody has that address. */
export async function addPerson(
  database: Database,
  { email, hash, name }: { email: string; hash: string; name: string },
): Promise<string | undefined> {
  const [row] = await database.query<{ id: string }>(SIGN_UP, [email, hash, name]);
  return row?.id;
}
