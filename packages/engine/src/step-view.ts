import { planTimeOffsetMs } from '@crossfade/plan';
import type { BoundPlan, BoundStep } from './bind.ts';
import type { Verdict } from './events.ts';
import { stepOf } from './fold.ts';
import { planClock } from './plan-clock.ts';
import type { JournalState, RunState } from './state.ts';
import type { StepView } from './step-type.ts';

/** Verdicts by `gate@watcher`, as measured for this tick. */
export type Verdicts = Readonly<Record<string, Verdict>>;

/** What a step may see of the run when it decides. */
export function stepView(
  bound: BoundPlan,
  journal: JournalState,
  run: RunState,
  owner: BoundStep,
  verdicts: Verdicts,
  nowMs: number,
): StepView<unknown> {
  const { step } = owner;
  const state = stepOf(run, step.id);
  const clock = planClock(run, bound.plan.calendar.defaultMinuteOfDay);
  const view: StepView<unknown> = {
    stepId: step.id,
    config: step.config,
    data: state.data,
    outcome: state.outcome,
    nowMs,
    startedAtMs: state.startedAtMs ?? nowMs,
    planNowMs: clock.planMs(nowMs),
    speed: run.start.speed,
    planTimeMs: (time) => planTimeOffsetMs(time, clock.anchor),
    group: (id) => {
      const group = bound.plan.groups[id];
      if (!group) throw new Error(`step ${step.id} names the group ${id}, which the plan does not have`);
      return group;
    },
    // A verdict over a window that began before the watch did says nothing about what is watched.
    verdict: (gate) => {
      const verdict = verdicts[`${gate}@${step.id}`];
      const watch = owner.type.watches(view).find((candidate) => candidate.gate === gate);
      return verdict && watch && verdict.fromMs >= watch.sinceMs ? verdict : undefined;
    },
    // Verdicts are journalled when they change: the last journalled one says when a fail began.
    failingSinceMs: (gate) => {
      const journalled = run.verdicts[`${gate}@${step.id}`];
      return journalled?.status === 'fail' ? journalled.toMs : null;
    },
    killedFlags: journal.killedFlags,
    exposures: run.exposures,
    parameters: run.parameters,
  };
  return view;
}
