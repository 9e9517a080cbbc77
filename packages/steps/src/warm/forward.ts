import type { StepMove, StepView } from '@crossfade/engine';
import { describeOffset } from '@crossfade/plan';
import { z } from 'zod';
import { countOf } from '../text.ts';
import type { WarmConfig } from './config.ts';
import { raised } from './raises.ts';

const warmStateSchema = z.object({
  /** The parameter before the step began: what undo returns to. */
  before: z.number(),
  value: z.number(),
  raisedAtPlanMs: z.number(),
  /** Real time since which it is at the target and may be measured. */
  settledSinceMs: z.number().nullable(),
  measurements: z.number(),
});
export type WarmState = z.output<typeof warmStateSchema>;

const resultSchema = z.object({
  hitRatePercent: z.number().nullable(),
  ofAllPercent: z.number().nullable(),
  lookups: z.number(),
});

/** A measurement whose window was lost in a restart is taken again, so often. */
const mostMeasurements = 3;

type View = StepView<WarmConfig>;

export function readWarmState(view: View): WarmState | undefined {
  return view.data === null ? undefined : warmStateSchema.parse(view.data);
}

export function forwardWarm(view: View): StepMove {
  const { config } = view;
  const state = readWarmState(view);
  if (!state) {
    const before = view.parameters[config.parameter] ?? 0;
    return raise(view, {
      before,
      value: config.start,
      raisedAtPlanMs: view.planNowMs,
      settledSinceMs: null,
      measurements: 0,
    });
  }
  if (state.value < config.target) return raiseInTime(view, state);
  const { outcome } = view;
  if (outcome?.status === 'failed') return { move: 'fail', reason: outcome.error };
  if (outcome) return finishOrRepeat(view, state, outcome.result);
  return measureWhenSettled(view, state);
}

function raiseInTime(view: View, state: WarmState): StepMove {
  const { config, planNowMs } = view;
  const raisedAtMs = view.nowMs - (planNowMs - state.raisedAtPlanMs) / view.speed;
  const dueMs = state.raisedAtPlanMs + config.every + view.pausedMsSince(raisedAtMs) * view.speed;
  if (planNowMs < dueMs && !view.waitIsWaived) {
    const reason = `${config.parameter} at ${state.value}, raised at ${describeOffset(dueMs)}`;
    return { move: 'wait', reason, untilMs: null, untilPlanMs: dueMs };
  }
  // After a long standstill it does not make up for lost steps all at once.
  const raisedAtPlanMs = planNowMs - dueMs < config.every ? Math.min(dueMs, planNowMs) : planNowMs;
  return raise(view, { ...state, value: raised(config, state.value), raisedAtPlanMs });
}

function raise(view: View, state: WarmState): StepMove {
  const { parameter, target } = view.config;
  const settledSinceMs = state.value >= target ? view.nowMs : null;
  return {
    move: 'progress',
    data: { ...state, settledSinceMs },
    note: `${parameter} at ${state.value}`,
    changes: [{ change: 'parameter', parameter, value: state.value }],
  };
}

function measureWhenSettled(view: View, state: WarmState): StepMove {
  const fromMs = state.settledSinceMs ?? view.nowMs;
  const toMs = fromMs + view.config.window;
  if (view.nowMs < toMs) {
    return {
      move: 'wait',
      reason: `measures the hit rate at ${state.value}`,
      untilMs: toMs,
      untilPlanMs: null,
    };
  }
  return {
    move: 'effect',
    kind: 'measure',
    input: { fromMs, toMs },
    data: { ...state, measurements: state.measurements + 1 },
    note: 'measures the hit rate',
  };
}

function finishOrRepeat(view: View, state: WarmState, measured: unknown): StepMove {
  const { parameter, target_hit_rate: wanted } = view.config;
  const result = resultSchema.parse(measured);
  if (result.hitRatePercent === null && state.measurements < mostMeasurements) {
    const data = { ...state, settledSinceMs: view.nowMs };
    return { move: 'progress', data, note: 'saw no lookups: measures once more', changes: [] };
  }
  const facts = { parameter, value: state.value, targetHitRatePercent: wanted, ...result };
  return { move: 'done', summary: summaryOf(view, state, result), facts };
}

/** A hit rate under the target is said, not hidden; it does no harm, so nothing is taken back for it. */
function summaryOf(view: View, state: WarmState, result: z.output<typeof resultSchema>): string {
  const { parameter, target_hit_rate: wanted } = view.config;
  const at = `${parameter} at ${state.value}`;
  if (result.hitRatePercent === null) return `${at}; the hit rate is unknown: no lookups were seen`;
  const rate = `${round(result.hitRatePercent)} % of ${countOf(result.lookups, 'lookup')} that may be cached were hits`;
  const ofAll = result.ofAllPercent === null ? '' : ` (${round(result.ofAllPercent)} % of all)`;
  const reached =
    result.hitRatePercent >= wanted ? `as wanted (${wanted} %)` : `under the ${wanted} % wanted`;
  return `${at}; ${rate}${ofAll}, ${reached}`;
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10;
}
