import { bindPlan, type BoundPlan } from '@crossfade/engine';
import { gateCatalog } from '@crossfade/gates';
import { parsePlan, planDigest } from '@crossfade/plan';
import { stepCatalog } from '@crossfade/steps';

/** What the plan starts from. */
export const oldSchema = `
  create table people (id uuid primary key default gen_random_uuid(), name text not null, keen boolean not null);
  insert into people (name, keen) select 'Person ' || n, n % 4 = 0 from generate_series(1, 400) as n;
`;

const planText = `crossfade: 1
name: small
title: A small migration
description: A column, its contents, and a flag that shows it.
calendar: { weeks: 1, start: week 1 monday 09:00, default_time: "09:00" }
segments:
  keen: { title: Keen people, sql: select id::text from people where keen }
groups:
  alpha: { title: Alpha, segment: keen, percentage: 50, at: week 1 monday 12:00 }
  general: { title: Everybody, percentage: 100, at: week 1 monday 15:00 }
flags:
  greeting: { title: Greeting, description: Greets people by name. }
parameters:
  share: { title: Share, description: Share of cached keys., default: 0, minimum: 0, maximum: 100 }
gates:
  fast:
    type: threshold
    title: Fast
    measure: share_above
    histogram: request_duration_seconds
    edge: 0.2
    at_most: 5%
    window: 5s
    min_samples: 20
  well: { type: health, title: Well, path: /readyz, checks: [database], require: all }
guardrails: [fast]
success: []
phases:
  - id: prepare
    title: Prepare
    description: The column and what is in it.
    steps:
      - { id: add-greeting, type: schema, title: Add the column, description: Adds it., file: sql/001_add_greeting.sql }
      - id: fill-greeting
        type: backfill
        title: Fill the column
        description: Fills it.
        after: [add-greeting]
        table: people
        key: id
        set: { greeting: "'Hello ' || name" }
        where: greeting is null
        batch_size: 50
        pace: { rows: 50, every: 1h }
        dual_write: application
        undo: keep
  - id: release
    title: Release
    description: People see it.
    steps:
      - { id: healthy, type: check, title: Check, description: Checks., gates: [well], patience: 20s,
          sql: [{ title: all filled, query: select count(*) from people where greeting is null, expect: "0" }] }
      - id: show
        type: rollout
        title: Show it
        description: Shows it.
        after: [healthy]
        flags: [greeting]
        stages: [{ group: alpha, bake: 1h, gates: [fast] }, { group: general, gates: [fast] }]
        patience: 5m
      - { id: tell, type: notify, title: Tell everybody, description: Tells., after: [show], channel: team,
          subject: It is there, message: messages/there.md }
`;

const files = {
  'plan.yaml': planText,
  'sql/001_add_greeting.sql': `alter table people add column greeting text;
-- crossfade:undo
alter table people drop column if exists greeting;
`,
  'messages/there.md': 'Look at the greeting.\n',
};

/** Real steps and gates of every kind that a small migration needs. A day of it takes `86,400,000 / speed` ms. */
export function smallMigration(): BoundPlan {
  const catalogs = { steps: stepCatalog, gates: gateCatalog };
  const { plan, findings } = parsePlan(files, catalogs, { today: '2026-01-01' });
  if (!plan) throw new Error(`the test's plan is not valid: ${JSON.stringify(findings, null, 2)}`);
  return bindPlan(plan, planDigest(files), files, catalogs);
}
