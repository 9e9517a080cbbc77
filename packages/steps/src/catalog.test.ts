import { readdirSync, readFileSync } from 'node:fs';
import { parsePlan } from '@crossfade/plan';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stepCatalog } from './catalog.ts';

const files = {
  'sql/003_add_audit_logs.sql':
    'create table audit_logs (n int);\n-- crossfade:undo\ndrop table if exists audit_logs;',
  'messages/training.md': 'What you should know.',
};
const plan = `
crossfade: 1
name: example
title: Example
calendar: { weeks: 6, start: week 1 monday 09:00, default_time: "09:00" }
segments: { writers: { title: Writers, sql: select id from people } }
groups:
  alpha: { title: Alpha, segment: writers, percentage: 5, at: week 2 tuesday }
  general: { title: Everybody, percentage: 100, at: week 3 monday }
flags: { search: { title: Search, description: Search }, timings: { title: Timings, description: Timings } }
parameters:
  cache_share: { title: Share, description: Share of keys, default: 0, minimum: 0, maximum: 100 }
gates:
  fast: { type: any, title: Fast }
  healthy: { type: any, title: Healthy }
phases:
  - id: before
    title: Before
    steps:
      - { id: laid-before, type: reshape, title: Lay, table: reviews, key: id, rewrite: true }
  - id: only
    title: Only
    steps:
      - { id: nobody-writes-scores, type: check, title: Check, gates: [healthy] }
      -
`;

describe('step catalog', () => {
  it.each(Object.entries(stepCatalog))('%s has an example that a plan can hold as it is', (name, type) => {
    expect(type.type).toBe(name);
    const example = readFileSync(`${import.meta.dirname}/${name}/example.yaml`, 'utf8').replaceAll(
      /^/gm,
      ' '.repeat(8),
    );
    const vocabulary = { steps: stepCatalog, gates: { any: { configSchema: z.unknown() } } };
    const parsed = parsePlan({ ...files, 'plan.yaml': plan + example }, vocabulary, { today: '2026-01-01' });
    expect(parsed.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const step = parsed.plan?.phases[1]?.steps[1];
    expect(type.describe(step?.config)).toMatch(/^[A-Z].{10,}/);
  });

  it.each(Object.entries(stepCatalog))('%s has settings that a JSON Schema can say', (_name, type) => {
    expect(z.toJSONSchema(type.configSchema, { io: 'input' })).toMatchObject({ type: 'object' });
  });
});

/** Those that decide look at nothing but their view; `perform` and what it needs may touch the world. */
const pureFiles = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((path) =>
  /(definition|forward|config|lint|-state|join-audience|gate-progress|text)\.ts$/.test(path),
);

describe('what decides has no clock, no chance and no I/O of its own', () => {
  it.each(pureFiles)('%s', (path) => {
    const code = readFileSync(`${import.meta.dirname}/${path}`, 'utf8').replaceAll(
      /\/\*[\s\S]*?\*\/|\/\/.*/g,
      '',
    );
    const forbidden = /\bDate\b|Math\.random|setTimeout|setInterval|from 'node:|from 'pg'|process\./.exec(
      code,
    );
    expect(forbidden?.[0]).toBeUndefined();
  });
});
