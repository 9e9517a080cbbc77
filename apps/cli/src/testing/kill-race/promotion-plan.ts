import type { BoundPlan, RunEvent, Target, TargetConnection } from '@crossfade/engine';
import { checkPlan } from '../../catalogs.ts';

export const raceFlags = ['search', 'calls'] as const;

/** In the segment "keen", and not: with keys of either half of the buckets among both. */
export const keenPeople = ids('a', 6);
export const otherPeople = ids('b', 6);

function ids(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${letter.repeat(7)}${at}-0000-4000-8000-00000000000${at}`);
}

const planYaml = `crossfade: 1
name: race
title: Race
description: Two flags are opened side by side, stage after stage
calendar: { weeks: 1, start: week 1 monday 00:00, default_time: "00:00" }
segments:
  keen: { title: Keen people, sql: select id from people where keen }
groups:
  keen: { title: Keen people, segment: keen, percentage: 50 }
  all: { title: Everybody, percentage: 100 }
flags:
  search: { title: Search, description: "" }
  calls: { title: Calls, description: "" }
phases:
  - id: only
    title: Only phase
    description: ""
    steps:
      - id: show
        type: rollout
        title: Search
        description: ""
        flags: [search]
        stages:
          - { group: keen, bake: 1h }
          - { group: keen, percentage: 100, bake: 1h }
          - { group: all, percentage: 20, bake: 1h }
          - { group: all, bake: 1h }
      - id: open
        type: rollout
        title: Calls
        description: ""
        flags: [calls]
        stages: [{ group: all, percentage: 10, bake: 2h }, { group: all, percentage: 40, bake: 1h }, { group: all }]
`;

export function promotionPlan(): BoundPlan {
  const { bound, findings } = checkPlan({ 'plan.yaml': planYaml });
  if (!bound) throw new Error(`the race's plan is not valid: ${JSON.stringify(findings)}`);
  return bound;
}

/** In which the plan's hours take so long. */
export function runStarted(bound: BoundPlan, hourMs: number): RunEvent {
  return {
    type: 'run.started',
    plan: bound.plan.name,
    planDigest: bound.digest,
    speed: 3_600_000 / hourMs,
    week1IsoDate: '2026-01-05',
    planStartOffsetMs: 0,
  };
}

const connection: TargetConnection = { query: answer as TargetConnection['query'] };

/** To what a segment's look asks. */
async function answer(text: string): Promise<{ rows: readonly object[]; rowCount: number }> {
  let rows: readonly object[] = [];
  if (text.startsWith('explain')) rows = [{ 'QUERY PLAN': [{ Plan: { 'Total Cost': 1 } }] }];
  else if (text.startsWith('select * from (')) rows = keenPeople.map((id) => ({ id }));
  return { rows, rowCount: rows.length };
}

/** Has the keen people, and nothing else that could be asked for. */
export const keenTarget: Target = {
  withConnection: async (_options, work) => await work(connection),
};
