import { join } from 'node:path';
import { isInside, nodesOf, replaced, type PlanNode } from '@crossfade/plan/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { starterPlan } from '../starter-plan.ts';
import { smallPlanYaml } from '../testing/small-plan.ts';

const repository = join(import.meta.dirname, '..', '..', '..', '..');
const smallSql = 'CREATE TABLE public.a (id integer);\n-- crossfade:undo\nDROP TABLE IF EXISTS public.a;\n';

const plans: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  starter: starterPlan,
  small: { 'plan.yaml': smallPlanYaml, 'sql/001.sql': smallSql },
  'ten-second-plan': readPlanFolder(join(import.meta.dirname, '..', 'testing', 'ten-second-plan')).files,
  'batch-2': readPlanFolder(join(repository, 'plans', 'batch-2')).files,
};

/** One of each kind of value that can stand in the place of another. */
const instead = [
  'null',
  'true',
  '0',
  '-1',
  '120',
  '0.5',
  '1e400',
  '-.inf',
  '.nan',
  '99999999999999999999',
  '0x7f',
  '0o17',
  '1e3',
  '""',
  '" "',
  '"\\0"',
  '"\\e[2J"',
  '"𝒳é\\u202e"',
  '"week 0 monday"',
  '"2027-02-30"',
  '"999999999w"',
  '"120%"',
  '"../../etc/passwd"',
  '"__proto__"',
  `"${'long '.repeat(5_000)}"`,
  '[]',
  '[[[[1]]]]',
  '[null]',
  '{}',
  '{ __proto__: 1 }',
  '{ constructor: { prototype: 1 } }',
  '{ nothing_known: 1, nothing_known: 2 }',
  '2026-01-01',
  '!!binary aGk=',
  '*nowhere',
];

const limitMs = 10_000;
const runs = Number(process.env['CROSSFADE_FUZZ_RUNS'] ?? 60);

/** The limits of a parameter hold for the steps that set it: it is they who then go beyond them, and are told of its name. */
function isBeyondLimitsOf({ path }: PlanNode, { expected }: { readonly expected: string }): boolean {
  const [, parameter] = /^\.parameters\.([^.]+)/.exec(path) ?? [];
  return parameter !== undefined && expected.endsWith(`, the limits of ${parameter}`);
}

/** What of this does not hold: an answer in time; valid, or a finding at the value, at what holds it, or at what referred to it. */
function brokenPromises(files: Readonly<Record<string, string>>, node: PlanNode, value: string): string[] {
  const { yaml, changed } = replaced(files['plan.yaml'] ?? '', node, value);
  const startedAt = process.cpuUsage();
  const { bound, findings } = checkPlan({ ...files, 'plan.yaml': yaml });
  // Of our own work: the machine may be busy with other things.
  const tookMs = process.cpuUsage(startedAt).user / 1_000;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const near = errors.filter((finding) => isInside(yaml, finding, changed));
  const dangling = errors.filter(({ message }) => /^(There is no|The step \S+ belongs)/.test(message));
  const beyond = errors.filter((finding) => isBeyondLimitsOf(node, finding));
  const isTold = [near, dangling, beyond].some(({ length }) => length > 0);
  const rows = yaml.split('\n');
  const promises: [boolean, string][] = [
    [tookMs < limitMs, `took ${tookMs} ms`],
    [(bound === undefined) === errors.length > 0, 'bound with errors, or refused without'],
    [errors.length === 0 || isTold, 'no finding near the change'],
    [findings.every(({ line, column }) => column <= (rows[line - 1]?.length ?? -1) + 1), 'outside the file'],
    [findings.every(({ message }) => message !== '' && !/[\p{Cc}]/u.test(message)), 'an unprintable message'],
    [errors.every(({ message, expected }) => expected !== '' || message.length > 15), 'nothing expected'],
  ];
  const broken = promises.filter(([holds]) => !holds).map(([, text]) => text);
  const told = findings.map(({ line, column, message }) => `${line}:${column} ${message}`).slice(0, 4);
  return broken.length === 0 ? [] : [...broken, `${node.path} := ${value.slice(0, 60)}`, ...told];
}

describe.each(Object.entries(plans))('%s with one value changed', (_name, files) => {
  const nodes = nodesOf(files['plan.yaml'] ?? '');
  const limits = nodes.filter(({ path }) => /^\.parameters\.[^.]+\.(minimum|maximum)$/.test(path));

  it('is valid, or told where it is wrong', () => {
    fc.assert(
      fc.property(fc.constantFrom(...nodes), fc.constantFrom(...instead), (node, value) => {
        expect(brokenPromises(files, node, value)).toEqual([]);
      }),
      { numRuns: runs, examples: limits.map((node): [PlanNode, string] => [node, '0.5']) },
    );
  });
});
