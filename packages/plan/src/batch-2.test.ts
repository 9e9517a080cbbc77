import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parsePlan } from './parse-plan.ts';
import { describeOffset, planTimeOffsetMs } from './plan-time.ts';
import type { StepNames, StepVocabulary, Vocabulary } from './vocabulary.ts';

const folder = fileURLToPath(new URL('../../../plans/batch-2/', import.meta.url));

/** Settings as they are written: the types that read them live in rooms that this one may not import. */
const asWritten = z.looseObject({});

const named = z.object({
  file: z.string().optional(),
  message: z.string().optional(),
  parameter: z.string().optional(),
  gates: z.array(z.string()).default([]),
  flags: z.array(z.string()).default([]),
  stages: z
    .array(z.object({ group: z.string(), percentage: z.number().optional(), gates: z.array(z.string()) }))
    .default([]),
});

function references(config: unknown): StepNames {
  const { file, message, parameter, gates, flags, stages } = named.parse(config);
  return {
    files: [file, message].filter((name) => name !== undefined),
    parameters: parameter === undefined ? [] : [parameter],
    gates: [...gates, ...stages.flatMap((stage) => stage.gates)],
    flags,
    groups: stages.map(({ group }) => group),
  };
}

const step: StepVocabulary = {
  configSchema: asWritten,
  reversibility: 'reversible',
  references,
  lint: () => [],
};

const vocabulary: Vocabulary = {
  steps: { schema: step, backfill: step, rollout: step, warm: step, check: step, notify: step, wait: step },
  gates: { threshold: { configSchema: asWritten }, health: { configSchema: asWritten } },
};

function filesOf(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll('\\', '/').replaceAll('//', '/'))
      .map((file) => [file.slice(directory.replaceAll('\\', '/').length), readFileSync(file, 'utf8')]),
  );
}

const files = filesOf(folder);
const { plan, findings } = parsePlan(files, vocabulary, { today: '2026-01-01' });
const steps = (plan?.phases ?? []).flatMap((phase) => phase.steps);

describe('plans/batch-2', () => {
  it('is a plan without findings', () => {
    expect(findings).toEqual([]);
  });

  it('keeps to the calendar: every step lies in the weeks of its phase', () => {
    const anchor = { week1IsoDate: '2026-01-05', defaultMinuteOfDay: plan?.calendar.defaultMinuteOfDay ?? 0 };
    const weeks = (plan?.phases ?? []).map(({ title, steps: own }) => {
      const offsets = own.flatMap(({ at }) => (at ? [planTimeOffsetMs(at, anchor)] : []));
      return [title, describeOffset(Math.min(...offsets)), describeOffset(Math.max(...offsets))];
    });
    expect(weeks).toEqual([
      ['Week 1, foundation', 'week 1, Mon 09:00', 'week 1, Fri 09:00'],
      ['Week 2, performance and alpha', 'week 2, Mon 09:00', 'week 2, Fri 09:00'],
      ['Weeks 3 and 4, search, beta and general release', 'week 3, Mon 09:00', 'week 4, Mon 09:00'],
      ['Week 5, security', 'week 5, Mon 09:00', 'week 5, Fri 09:00'],
      ['Week 6, validation and hand-over', 'week 6, Mon 09:00', 'week 6, Fri 09:00'],
    ]);
  });

  it('brings every flag to everybody, by stages that never shrink', () => {
    const reached = new Map<string, number[]>();
    for (const { config } of steps) {
      const { flags, stages } = named.parse(config);
      const percentages = stages.map(
        ({ group, percentage }) => percentage ?? plan?.groups[group]?.percentage ?? 0,
      );
      for (const flag of flags) reached.set(flag, [...(reached.get(flag) ?? []), ...percentages]);
    }
    expect(Object.fromEntries(reached)).toEqual({
      virtual_scrolling: [5, 20, 50, 75, 100],
      performance_monitoring: [5, 20, 50, 75, 100],
      multi_agent: [5, 20, 50, 75, 100],
      advanced_search: [20, 50, 75, 100],
      e2e_encryption: [5, 20, 100],
    });
    expect(Object.keys(plan?.flags ?? {}).toSorted()).toEqual([...reached.keys()].toSorted());
  });

  it('uses every SQL file and every message that lies in its folder', () => {
    const used = steps.flatMap(({ config }) => references(config).files);
    const there = Object.keys(files).filter(
      (name) => name.startsWith('sql/') || name.startsWith('messages/'),
    );
    expect(used.filter((name, index) => used.indexOf(name) === index).toSorted()).toEqual(there.toSorted());
  });

  it('says of each criterion either which gate measures it or what is missing', () => {
    for (const { gate, note } of plan?.success ?? [])
      expect(gate ?? note).toMatch(/^(fast|few_errors|healthy)$|Not measured|No gate/);
    expect(plan?.success).toHaveLength(15);
  });
});
