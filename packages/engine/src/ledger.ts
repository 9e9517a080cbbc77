import type { BoundPlan, BoundStep } from './bind.ts';
import type { RunEvent } from './events.ts';
import { applyEvent, stepOf } from './fold.ts';
import { planClock } from './plan-clock.ts';
import type { JournalState, RunState, StepState } from './state.ts';
import { stepView, type Verdicts } from './step-view.ts';
import type { StepView } from './step-type.ts';

export type GateJudged = Extract<RunEvent, { type: 'gate.judged' }>;

/**
 * A decision in the making: the events decided so far and the state they lead to, so that what is decided next already
 * sees them. Lives only inside one call of `decide`.
 */
export class Ledger {
  readonly events: RunEvent[] = [];
  /** Why a step is not moving, by step: for people, journalled only when the reason changes in kind. */
  readonly waiting: Record<string, string> = {};
  readonly bound: BoundPlan;
  readonly verdicts: Verdicts;
  readonly nowMs: number;
  #journal: JournalState;
  #heldBack: readonly GateJudged[] = [];
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(bound: BoundPlan, journal: JournalState, verdicts: Verdicts, nowMs: number) {
    this.bound = bound;
    this.verdicts = verdicts;
    this.nowMs = nowMs;
    this.#journal = journal;
  }

  get run(): RunState {
    if (!this.#journal.run) throw new Error('the journal has no run to decide about');
    return this.#journal.run;
  }

  get wakeAtMs(): number {
    return this.#wakeAtMs;
  }

  step(id: string): StepState {
    return stepOf(this.run, id);
  }

  view(owner: BoundStep): StepView<unknown> {
    return stepView(this.bound, this.#journal, this.run, owner, this.verdicts, this.nowMs);
  }

  record(event: RunEvent): void {
    this.events.push(event);
    this.#journal = applyEvent(this.#journal, this.run.runId, event, this.nowMs);
  }

  /** To be journalled only when something is decided on it. */
  holdBack(event: GateJudged): void {
    this.#heldBack = [...this.#heldBack, event];
  }

  /** Journals what was held back of this watcher, before what it is the reason for. */
  recordHeldBack(watcher: string): void {
    const due = this.#heldBack.filter((event) => event.watcher === watcher);
    this.#heldBack = this.#heldBack.filter((event) => event.watcher !== watcher);
    for (const event of due) this.record(event);
  }

  wakeAt(realMs: number | null): void {
    if (realMs !== null) this.#wakeAtMs = Math.min(this.#wakeAtMs, realMs);
  }

  wakeAtPlan(planMs: number | null): void {
    if (planMs === null) return;
    const clock = planClock(this.run, this.bound.plan.calendar.defaultMinuteOfDay);
    this.wakeAt(clock.realMs(planMs));
  }
}
