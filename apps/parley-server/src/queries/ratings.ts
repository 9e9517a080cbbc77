import type { Database } from '../database.ts';
import { ME, ME_HERE } from './fragments.ts';

const RATE = `
WITH ${ME_HERE},
stored AS (
  INSERT INTO parley.ratings (user_id, feature, score, comment) SELECT me.id, $2, $3, $4 FROM me
  ON CONFLICT DO NOTHING RETURNING score
)
SELECT EXISTS (SELECT 1 FROM stored) AS fresh FROM me`;

/** @returns whether it was the first of this person for that; undefined without a valid session. */
export async function rate(
  database: Database,
  tokenHash: Buffer,
  { feature, score, comment }: { feature: string; score: number; comment: string },
): Promise<boolean | undefined> {
  const [row] = await database.query<{ fresh: boolean }>(RATE, [tokenHash, feature, score, comment]);
  return row?.fresh;
}

const MINE = `
WITH ${ME}
SELECT ARRAY(SELECT r.feature FROM parley.ratings r WHERE r.user_id = me.id ORDER BY r.feature) AS features FROM me`;

/** What this person has rated. @returns undefined without a valid session. */
export async function ratedFeatures(database: Database, tokenHash: Buffer): Promise<string[] | undefined> {
  const [row] = await database.query<{ features: string[] }>(MINE, [tokenHash]);
  return row?.features;
}
