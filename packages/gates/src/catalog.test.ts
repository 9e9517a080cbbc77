import { readFileSync } from 'node:fs';
import { parsePlan } from '@crossfade/plan';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gateCatalog } from './catalog.ts';

const anyStep = {
  configSchema: z.unknown(),
  reversibility: 'nothing-to-undo' as const,
  references: () => ({ files: [], gates: [], flags: [], groups: [], parameters: [] }),
  lint: () => [],
};
const plan = (gates: string): string => `
crossfade: 1
name: example
title: Example
calendar: { weeks: 6, start: week 1 monday 09:00, default_time: "09:00" }
gates:
${gates}
phases: [{ id: only, title: Only, steps: [{ id: any, type: any, title: Any }] }]
`;

describe('gate catalog', () => {
  it.each(Object.entries(gateCatalog))('%s has an example that a plan can hold as it is', (name, type) => {
    expect(type.type).toBe(name);
    const example = readFileSync(`${import.meta.dirname}/${name}/example.yaml`, 'utf8').replaceAll(
      /^/gm,
      '  ',
    );
    const vocabulary = { steps: { any: anyStep }, gates: gateCatalog };
    const parsed = parsePlan({ 'plan.yaml': plan(example) }, vocabulary, { today: '2026-01-01' });
    expect(parsed.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    for (const gate of Object.values(parsed.plan?.gates ?? {})) {
      expect(type.describe(gate.config)).toMatch(/^\w.{10,}\.$/);
    }
  });

  it.each(Object.entries(gateCatalog))('%s has settings that a JSON Schema can say', (_name, type) => {
    expect(Object.keys(z.toJSONSchema(type.configSchema, { io: 'input' }))).not.toHaveLength(0);
  });
});
