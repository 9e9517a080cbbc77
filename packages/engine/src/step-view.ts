import { planTimeOffsetMs } from '@crossfade/plan';
import type { BoundPlan, BoundStep } from './bind.ts';
import type { Verdict } from './events.ts';
import { stepOf } from './fold.ts';
import { pausedMsSince, resumedAtMs } from './pauses.ts';
import { planClock } from './plan-clock.ts';
import { settingsInForce } from './settings-in-force.ts';
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
    waitIsWaived: run.waivedWaits.includes(step.id),
    pausedMsSince: (sinceMs) => pausedMsSince(run, sinceMs, nowMs),
    ledSinceMs: run.controllerStartedAtMs ?? 0,
    planTimeMs: (time) => planTimeOffsetMs(time, clock.anchor),
    group: (id) => {
      const group = bound.plan.groups[id];
      if (!group) throw new Error(`step ${step.id} names the group ${id}, which the plan does not have`);
      return group;
    },
    // A verdict over a window that began before the watch did, or before the run went on, says nothing about what is watched.
    verdict: (gate) => {
      const verdict = verdicts[`${gate}@${step.id}`];
      const watch = owner.type.watches(view).find((candidate) => candidate.gate === gate);
      const sinceMs = Math.max(watch?.sinceMs ?? 0, resumedAtMs(run));
      return watch && verdict && verdict.fromMs >= sinceMs ? verdict : undefined;
    },
    // Verdicts are journalled when they change: the last journalled one says when a fail began. While no controller looked,
    // nothing is known; what was seen in a pause is old when the run goes on.
    failingSinceMs: (gate) => {
      const journalled = run.verdicts[`${gate}@${step.id}`];
      if (journalled?.status !== 'fail') return null;
      return Math.max(journalled.toMs, run.controllerStartedAtMs ?? 0, resumedAtMs(run));
    },
    killedFlags: journal.killedFlags,
    exposures: exposuresFor(run),
    parameters: parametersFor(bound, run),
  };
  return view;
}

/** Forward adds to what people have. Undo sees what this run has opened: what it found open is not its to close. */
function exposuresFor(run: RunState): StepView<unknown>['exposures'] {
  if (run.rollback) return run.exposures;
  const { exposures } = settingsInForce(run);
  return Object.fromEntries(Object.entries(exposures).map(([flag, { audiences }]) => [flag, audiences]));
}

/** As applications read them: what this run set, else what it found, else the default of the plan. */
function parametersFor(bound: BoundPlan, run: RunState): StepView<unknown>['parameters'] {
  const declared = Object.entries(bound.plan.parameters);
  const defaults = Object.fromEntries(declared.map(([key, parameter]) => [key, parameter.default]));
  return { ...defaults, ...run.inherited.parameters, ...run.parameters };
}
