import { writeSmallPlan } from '../../testing/small-plan.ts';

/** Writes a plan whose steps are these SQL files, in this order, and before them whatever else is given as YAML. */
export function writePlanOfSteps(sql: Readonly<Record<string, string>>, before = ''): string {
  const steps = Object.keys(sql).map(
    (name) => `
      - { id: ${name}, type: schema, title: ${name}, description: "", file: sql/${name}.sql }`,
  );
  const plan = `crossfade: 1
name: steps
title: Steps
description: ""
calendar: { weeks: 1, start: week 1 monday 00:00, default_time: "00:00" }
groups:
  all: { title: Everybody, percentage: 100 }
flags:
  thing: { title: Thing, description: "" }
phases:
  - id: only
    title: Only phase
    description: ""
    steps:${before}${steps.join('')}
`;
  const files = Object.entries(sql).map(([name, text]) => [`sql/${name}.sql`, text]);
  return writeSmallPlan({ 'plan.yaml': plan, ...Object.fromEntries(files) });
}
