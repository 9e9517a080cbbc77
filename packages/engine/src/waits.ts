import { describeOffset } from '@crossfade/plan';
import type { BoundPlan, BoundStep } from './bind.ts';
import { stepOf } from './fold.ts';
import type { JournalState, RunState } from './state.ts';
import { stepDatePlanMs } from './step-date.ts';
import { stepView } from './step-view.ts';

/** What a step that is next or under way waits for. */
export interface StepWait {
  readonly step: string;
  readonly reason: string;
  /** It waits for an hour of the plan's calendar, the end of a bake among them: an operator may waive that. */
  readonly waivable: boolean;
  /** An operator has waived what it waited for last. */
  readonly waived: boolean;
  /** Its gates that failed when they were last judged: nothing of it is waived meanwhile. */
  readonly failingGates: readonly string[];
}

/** The steps of the current phase that could move but for a wait, in the order of the plan; work under way is one, too. */
export function waitsOf(bound: BoundPlan, journal: JournalState, nowMs: number): readonly StepWait[] {
  const { run } = journal;
  if (!run || run.status !== 'running') return [];
  const phase = bound.plan.phases.find(({ id }) => !run.phases[id]?.completedAtMs);
  const owners = (phase?.steps ?? []).flatMap(({ id }) => bound.steps.get(id) ?? []);
  return owners.flatMap((owner) => waitOf(bound, journal, run, owner, nowMs) ?? []);
}

function waitOf(
  bound: BoundPlan,
  journal: JournalState,
  run: RunState,
  owner: BoundStep,
  nowMs: number,
): StepWait | undefined {
  const { step } = owner;
  const { status } = stepOf(run, step.id);
  const base = { step: step.id, waived: run.waivedWaits.includes(step.id), failingGates: [] };
  if (status === 'running') return { ...base, ...waitUnderWay(bound, journal, run, owner, nowMs) };
  if (status !== 'pending') return undefined;
  if (step.after.some((id) => stepOf(run, id).status !== 'completed')) return undefined;
  const untilPlanMs = base.waived ? null : stepDatePlanMs(bound, run, step, nowMs);
  if (untilPlanMs === null) return { ...base, reason: 'is about to begin', waivable: false };
  return { ...base, reason: `begins at ${describeOffset(untilPlanMs)}`, waivable: true };
}

function waitUnderWay(
  bound: BoundPlan,
  journal: JournalState,
  run: RunState,
  owner: BoundStep,
  nowMs: number,
): Pick<StepWait, 'reason' | 'waivable' | 'failingGates'> {
  const { pendingEffect, outcome } = stepOf(run, owner.step.id);
  if (pendingEffect)
    return { reason: `is at work (${pendingEffect.kind})`, waivable: false, failingGates: [] };
  const view = stepView(bound, journal, run, owner, run.verdicts, nowMs);
  const failingGates = owner.type
    .watches(view)
    .filter(({ gate }) => run.verdicts[`${gate}@${owner.step.id}`]?.status === 'fail')
    .map(({ gate }) => gate);
  const move = outcome?.status === 'failed' ? undefined : owner.type.forward(view);
  if (move?.move !== 'wait') return { reason: 'is about to go on', waivable: false, failingGates };
  return { reason: move.reason, waivable: move.untilPlanMs !== null, failingGates };
}
