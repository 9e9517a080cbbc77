import { bindPlan, type BoundPlan } from '@crossfade/engine';
import { gateCatalog } from '@crossfade/gates';
import { parsePlan, planDigest } from '@crossfade/plan';
import { stepCatalog } from '@crossfade/steps';

/** One step of each kind that meets something outside, by what it meets; over the tables of `oldSchema`. */
const steps = {
  schema: 'type: schema, file: sql/001_add_greeting.sql, attempts: 1000',
  backfill: `type: backfill, table: people, key: id, set: { name: "upper(name)" }, where: "name <> upper(name)",
    batch_size: 10, pace: { rows: 20, every: 1h }, dual_write: application, undo: keep`,
  gate: 'type: check, gates: [well], patience: 10m, sql: [{ title: one, query: select 1, expect: "1" }]',
  message: 'type: notify, channel: team, subject: It is there, message: messages/there.md',
} as const;

/** A plan of nothing but this step. */
export function oneStepPlan(kind: keyof typeof steps): BoundPlan {
  const files = {
    'plan.yaml': `crossfade: 1
name: one
title: One step
description: One step.
calendar: { weeks: 1, start: week 1 monday 09:00, default_time: "09:00" }
gates:
  well: { type: health, title: Well, path: /readyz, checks: [database], require: all }
phases:
  - { id: only, title: Only, description: Only., steps: [{ id: it, title: It, description: It., ${steps[kind]} }] }
`,
    'sql/001_add_greeting.sql': `alter table people add column greeting text;
-- crossfade:undo
alter table people drop column if exists greeting;
`,
    'messages/there.md': 'Look at the greeting.\n',
  };
  const catalogs = { steps: stepCatalog, gates: gateCatalog };
  const { plan, findings } = parsePlan(files, catalogs, { today: '2026-01-01' });
  if (!plan) throw new Error(`the test's plan is not valid: ${JSON.stringify(findings, null, 2)}`);
  return bindPlan(plan, planDigest(files), files, catalogs);
}
