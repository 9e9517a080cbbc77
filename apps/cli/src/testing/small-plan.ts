import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const planYaml = `crossfade: 1
name: small
title: Small
description: A table, a flag for everybody, and a wait
calendar: { weeks: 1, start: week 1 monday 00:00, default_time: "00:00" }
flags:
  new_thing: { title: New thing, description: For everybody }
groups:
  all: { title: Everybody, percentage: 100 }
phases:
  - id: only
    title: Only phase
    description: ""
    steps:
      - id: table
        type: schema
        title: A table
        description: ""
        file: sql/001.sql
      - id: open
        type: rollout
        title: For everybody
        description: ""
        after: [table]
        flags: [new_thing]
        stages: [{ group: all, gates: [] }]
      - id: pause
        type: wait
        title: Wait
        description: ""
        after: [open]
        for: 1h
`;

const sql = `CREATE TABLE public.small_things (id integer PRIMARY KEY);
-- crossfade:undo
DROP TABLE IF EXISTS public.small_things;
`;

/** Writes a plan that needs no application into a new folder, with some of its files replaced. Returns the folder. */
export function writeSmallPlan(changes: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-plan-'));
  for (const [name, text] of Object.entries({ 'plan.yaml': planYaml, 'sql/001.sql': sql, ...changes })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export const smallPlanYaml = planYaml;
