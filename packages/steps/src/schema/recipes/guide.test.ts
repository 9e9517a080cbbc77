import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlan } from '@crossfade/plan';
import { expect, it } from 'vitest';
import { schemaStep } from '../definition.ts';
import { changeSchema } from './change-schema.ts';

const guide = join(import.meta.dirname, '../../../../../docs/guides/schema-changes.md');
const blocks = [...readFileSync(guide, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
  ([, text = '']) => text,
);
/** Some blocks show two changes, one below the other. */
const changes = blocks.filter((text) => !text.startsWith('- id:')).flatMap((text) => text.split(/^(?=\w)/m));

const frame = `crossfade: 1
name: example
title: Example
calendar: { weeks: 1, start: week 1 monday 09:00, default_time: "09:00" }
phases:
  - id: only
    title: Only
    steps:
`;

function findingsIn(step: string): readonly unknown[] {
  const vocabulary = { steps: { schema: schemaStep }, gates: {} };
  const text = frame + step.replaceAll(/^/gm, '      ');
  const { findings } = parsePlan({ 'plan.yaml': text }, vocabulary, { today: '2026-01-01' });
  return findings.filter(({ severity }) => severity === 'error');
}

it('shows a step that a plan can hold', () => {
  expect(findingsIn(blocks[0] ?? '')).toEqual([]);
});

it.each(changes)('shows a change that a plan can hold: %s', (change) => {
  const step = `- id: shown\n  type: schema\n  title: Shown\n  change:\n${change.replaceAll(/^/gm, '    ')}`;
  expect(findingsIn(step)).toEqual([]);
});

it('shows every change that there is', () => {
  const shown = changes.map((text) => /^\w+/.exec(text)?.[0]);
  const there = Object.keys(changeSchema.shape);
  expect(there.filter((name) => !shown.includes(name))).toEqual([]);
});
