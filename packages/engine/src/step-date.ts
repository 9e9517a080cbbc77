import { planTimeOffsetMs, type Step } from '@crossfade/plan';
import type { BoundPlan } from './bind.ts';
import { planClock } from './plan-clock.ts';
import type { RunState } from './state.ts';

/** The plan time before which a step does not begin; null when it has none, or that has come. */
export function stepDatePlanMs(bound: BoundPlan, run: RunState, step: Step, nowMs: number): number | null {
  if (!step.at) return null;
  const clock = planClock(run, bound.plan.calendar.defaultMinuteOfDay);
  const atPlanMs = planTimeOffsetMs(step.at, clock.anchor);
  return clock.planMs(nowMs) >= atPlanMs ? null : atPlanMs;
}
