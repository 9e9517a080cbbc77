import type { PlanFiles } from '@crossfade/engine';
import type { Pool } from 'pg';
import { sql } from './sql.ts';
import { read, write } from './transact.ts';

const savePlanSql = sql('save-plan');
const loadPlanSql = sql('load-plan');

export async function savePlan(pool: Pool, digest: string, files: PlanFiles): Promise<void> {
  await write(pool, savePlanSql, [digest, JSON.stringify(files)]);
}

export async function loadPlan(pool: Pool, digest: string): Promise<PlanFiles | undefined> {
  const [row] = await read<{ files: string }>(pool, loadPlanSql, [digest]);
  return row && (JSON.parse(row.files) as PlanFiles);
}
