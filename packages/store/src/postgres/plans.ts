import type { PlanFiles } from '@crossfade/engine';
import type { Pool } from 'pg';
import { sql } from './sql.ts';

const savePlanSql = sql('save-plan');
const loadPlanSql = sql('load-plan');

export async function savePlan(pool: Pool, digest: string, files: PlanFiles): Promise<void> {
  await pool.query(savePlanSql, [digest, JSON.stringify(files)]);
}

export async function loadPlan(pool: Pool, digest: string): Promise<PlanFiles | undefined> {
  const { rows } = await pool.query<{ files: string }>(loadPlanSql, [digest]);
  return rows[0] && (JSON.parse(rows[0].files) as PlanFiles);
}
