import type { Phase, Plan, Step } from '@crossfade/plan';
import { z } from 'zod';
import { bindPlan, type BoundPlan } from '../bind.ts';
import type { GateType } from '../gate-type.ts';
import type { StepType } from '../step-type.ts';

/**
 * A step that does one effect forward and one back, opens a flag to everybody, and waits for a bake and for a gate where it
 * is told to.
 */
interface PlainConfig {
  readonly flag?: string;
  readonly gate?: string;
  /** In plan time. */
  readonly bakeMs?: number;
}

const nothingReferenced = { files: [], gates: [], flags: [], groups: [], parameters: [] };

const plainStep: StepType<PlainConfig> = {
  type: 'plain',
  about: 'A step for tests.',
  configSchema: z.object({
    flag: z.string().exactOptional(),
    gate: z.string().exactOptional(),
    bakeMs: z.number().exactOptional(),
  }),
  reversibility: 'reversible',
  describe: () => 'does one thing',
  references: () => nothingReferenced,
  lint: () => [],
  watches: (view) =>
    view.config.gate && view.data === 'open' ? [{ gate: view.config.gate, sinceMs: view.startedAtMs }] : [],
  forward: (view) => {
    if (view.data === null)
      return { move: 'effect', kind: 'do', input: null, data: 'doing', note: 'doing it' };
    if (view.data === 'doing') {
      const { flag } = view.config;
      const audiences = [{ segment: null, percentage: 100 }];
      const changes = flag ? [{ change: 'exposure' as const, flag, audiences }] : [];
      return { move: 'progress', data: 'open', note: 'open', changes };
    }
    const verdict = view.config.gate ? view.verdict(view.config.gate) : undefined;
    if (verdict?.status === 'fail') return { move: 'fail', reason: verdict.evidence };
    const bakedMs = view.startedAtMs + (view.config.bakeMs ?? 0) / view.speed;
    const leftMs = bakedMs + view.pausedMsSince(view.startedAtMs) - view.nowMs;
    if (leftMs > 0 && !view.waitIsWaived) {
      const untilPlanMs = view.planNowMs + leftMs * view.speed;
      return { move: 'wait', reason: `bakes until ${untilPlanMs}`, untilMs: null, untilPlanMs };
    }
    if (view.config.gate && verdict?.status !== 'pass') {
      return {
        move: 'wait',
        reason: `gate ${view.config.gate} has not passed`,
        untilMs: view.nowMs + 500,
        untilPlanMs: null,
      };
    }
    return { move: 'done', summary: 'did it', facts: {} };
  },
  undo: (view) =>
    view.outcome
      ? { move: 'done', summary: 'took it back', facts: {} }
      : { move: 'effect', kind: 'undo', input: null, data: view.data, note: 'undoing it' },
  perform: () => Promise.resolve(null),
};

const plainGate: GateType<unknown> = {
  type: 'plain',
  about: 'A gate for tests.',
  configSchema: z.unknown(),
  describe: () => 'says what the test says',
  windowMs: () => 10_000,
  measure: () => Promise.resolve(null),
  assess: () => {
    throw new Error('the simulation judges by itself');
  },
};

export function aStep(id: string, options: Partial<Step> = {}): Step {
  return {
    id,
    type: 'plain',
    title: id,
    description: '',
    at: null,
    after: [],
    notice: null,
    config: {},
    ...options,
  };
}

export function aPhase(id: string, ...steps: Step[]): Phase {
  return { id, title: id, description: '', steps };
}

export function aBoundPlan(options: { phases: readonly Phase[]; guardrails?: readonly string[] }): BoundPlan {
  const plan: Plan = {
    name: 'test',
    title: 'Test',
    description: '',
    calendar: {
      weeks: 6,
      start: { kind: 'weekday', week: 1, weekday: 0, minuteOfDay: 0 },
      defaultMinuteOfDay: 540,
    },
    segments: {},
    groups: {},
    flags: { feature: { title: 'Feature', description: '' } },
    parameters: {},
    gates: {
      healthy: { type: 'plain', title: 'Healthy', config: {} },
      safe: { type: 'plain', title: 'Safe', config: {} },
    },
    guardrails: options.guardrails ?? [],
    success: [],
    phases: options.phases,
  };
  return bindPlan(
    plan,
    'digest',
    { 'plan.yaml': '' },
    { steps: { plain: plainStep }, gates: { plain: plainGate } },
  );
}
