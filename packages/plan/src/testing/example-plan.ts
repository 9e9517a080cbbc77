import { z } from 'zod';
import { durationSchema, percentageSchema, planTimeSchema } from '../setting-schemas.ts';
import type { StepVocabulary, Vocabulary } from '../vocabulary.ts';

const nothing = { files: [], gates: [], flags: [], groups: [], parameters: [] };

const schema: StepVocabulary = {
  configSchema: z.strictObject({ file: z.string(), attempts: z.int().min(1).max(500).default(60) }),
  reversibility: 'reversible',
  references: (config) => ({ ...nothing, files: [fileOf(config)] }),
  lint: (config, files) =>
    files[fileOf(config)]?.includes('-- crossfade:undo') === false
      ? [`${fileOf(config)} has no undo: expected a section after a line "-- crossfade:undo".`]
      : [],
};

const rolloutSettings = z.strictObject({
  flags: z.array(z.string()).min(1),
  stages: z
    .array(
      z.strictObject({
        group: z.string(),
        percentage: percentageSchema.optional(),
        at: planTimeSchema.optional(),
        bake: durationSchema.optional(),
        gates: z.array(z.string()).default([]),
      }),
    )
    .min(1),
});

export const rolloutType: StepVocabulary = {
  configSchema: rolloutSettings,
  reversibility: 'reversible',
  about: 'Turns flags on for one group after the other.',
  references: (config) => {
    const { flags, stages } = rolloutSettings.parse(withoutParsed(config));
    return {
      ...nothing,
      flags,
      groups: stages.map(({ group }) => group),
      gates: stages.flatMap(({ gates }) => gates),
    };
  },
  lint: () => [],
  groupShares: (config) =>
    z
      .object({ stages: z.array(z.object({ group: z.string(), percentage: z.number().optional() })) })
      .parse(config)
      .stages.flatMap(({ group, percentage }, index) =>
        percentage === undefined ? [] : [{ setting: ['stages', index, 'percentage'], group, percentage }],
      ),
};

const wait: StepVocabulary = {
  configSchema: z.object({ for: durationSchema }),
  reversibility: 'nothing-to-undo',
  references: () => nothing,
  lint: () => [],
};

/** A small set of types, so that the parser's tests need no real ones. */
export const exampleVocabulary: Vocabulary = {
  steps: { schema, rollout: rolloutType, wait },
  gates: {
    threshold: {
      configSchema: z.discriminatedUnion('measure', [
        z.object({ measure: z.literal('share_above'), edge: z.number(), at_most: percentageSchema }),
        z.object({ measure: z.literal('ratio'), metric: z.string(), below: percentageSchema }),
      ]),
    },
    health: { configSchema: z.strictObject({ path: z.string().regex(/^\//) }) },
  },
};

export const examplePlan = `crossfade: 1
name: example
title: An example
description: From one release to the next.
calendar:
  weeks: 2
  start: week 1 monday 09:00
  default_time: "09:00"
segments:
  power_users: { title: Power users, sql: select id from people where power }
groups:
  alpha: { title: Alpha, segment: power_users, percentage: 5, at: week 2 tuesday }
  general: { title: Everybody, percentage: 100 }
flags:
  search: { title: Search }
parameters:
  cache_share: { title: Cached share, default: 0, minimum: 0, maximum: 100 }
gates:
  fast: { type: threshold, title: Fast, measure: share_above, edge: 0.2, at_most: 5% }
  healthy: { type: health, title: Healthy, path: /readyz }
guardrails: [fast]
success:
  - { id: fast-enough, title: Answers are fast, target: under 200 ms, gate: fast }
phases:
  - id: prepare
    title: Prepare
    steps:
      - id: add-tables
        type: schema
        title: Add tables
        at: week 1 tuesday
        file: sql/001.sql
      - id: rest
        type: wait
        title: Rest
        after: [add-tables]
        for: 2d
  - id: release
    title: Release
    steps:
      - id: open
        type: rollout
        title: Open
        flags: [search]
        stages:
          - { group: alpha, bake: 2d, gates: [fast] }
          - { group: general, percentage: 50, at: week 2 friday }
`;

const exampleSql = 'create table a ();\n-- crossfade:undo\ndrop table if exists a;\n';

export function exampleFiles(yaml: string = examplePlan): Record<string, string> {
  return { 'plan.yaml': yaml, 'sql/001.sql': exampleSql };
}

function fileOf(config: unknown): string {
  return z.object({ file: z.string() }).parse(config).file;
}

/** Parsed stages hold milliseconds and moments already: only the names matter here. */
function withoutParsed(config: unknown): unknown {
  const names = z.object({
    flags: z.array(z.string()),
    stages: z.array(z.object({ group: z.string(), gates: z.array(z.string()) })),
  });
  return names.parse(config);
}
