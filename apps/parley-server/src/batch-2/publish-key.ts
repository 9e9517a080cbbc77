import type { Database } from '../database.ts';

/**
 * The key and its line in the audit log in one statement. The same key again changes nothing and is not worth a
 * line. Both tables are Batch 2's.
 */
const PUBLISH = `
WITH published AS (
  INSERT INTO public.user_keys AS k (user_id, public_key, key_version) VALUES ($1, $2, 1)
  ON CONFLICT (user_id) DO UPDATE
    SET public_key = excluded.public_key, key_version = coalesce(k.key_version, 0) + 1, rotated_at = now()
    WHERE k.public_key <> excluded.public_key
  RETURNING key_version
),
logged AS (
  INSERT INTO public.audit_logs (user_id, action, resource, details, ip_address, user_agent)
  SELECT $1, CASE WHEN key_version = 1 THEN 'key_published' ELSE 'key_rotated' END, 'user_keys/' || $1::uuid,
    jsonb_build_object('keyVersion', key_version), $3::inet, $4
  FROM published
)
SELECT key_version FROM published
UNION ALL
SELECT k.key_version FROM public.user_keys k WHERE k.user_id = $1 AND NOT EXISTS (SELECT 1 FROM published)`;

const ATTEMPTS = 3;

export type KeyToPublish = {
  userId: string;
  /** Base64 of 32 bytes. */
  publicKey: string;
  address: string;
  userAgent: string | null;
};

/**
 * @returns the key's version, growing with every new key of this person.
 * @throws Postgres' 42P01 while the tables are not there: see fallback.ts.
 */
export async function publishKey(database: Database, key: KeyToPublish): Promise<number> {
  type Row = { key_version: number };
  const values = [key.userId, key.publicKey, key.address, key.userAgent];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const [row] = await database.query<Row>(PUBLISH, values);
    if (row !== undefined) return row.key_version;
    // The same key was stored by another device while this statement waited: it sees it the next time.
  }
  throw new Error(`the database took a key ${ATTEMPTS} times without returning its version`);
}
