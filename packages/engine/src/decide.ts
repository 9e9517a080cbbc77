import { describeOffset, type Phase } from '@crossfade/plan';
import { advanceStep } from './advance-step.ts';
import type { BoundPlan, BoundStep } from './bind.ts';
import type { EffectOutcome, RunEvent } from './events.ts';
import { flickerMs, flickers } from './flicker.ts';
import { Ledger, type GateJudged } from './ledger.ts';
import { currentPause } from './pauses.ts';
import type { JournalState, RunState } from './state.ts';
import { stepDatePlanMs } from './step-date.ts';
import type { Verdicts } from './step-view.ts';
import { guardrail } from './watches.ts';

/** What the shell has seen since it last asked. */
export interface Observations {
  readonly verdicts: Verdicts;
  readonly effectResults: readonly { readonly key: string; readonly outcome: EffectOutcome }[];
  /** The newest look at each segment in use, as long as there was one. */
  readonly segmentLooks?: readonly SegmentLook[];
}

/** How many are in a segment, members of earlier looks included; or why that could not be found out. */
export type SegmentLook =
  | { readonly segment: string; readonly size: number }
  | { readonly segment: string; readonly problem: string };

export interface Decision {
  /** To be journalled, all or none. Effects to perform are the pending ones of the state that they lead to. */
  readonly transitions: readonly RunEvent[];
  /** Database time by which to ask again at the latest; Infinity: only when something happens. */
  readonly wakeAtMs: number;
  /** Why each running step is not moving. */
  readonly waiting: Readonly<Record<string, string>>;
}

/** Real time between "flags are off" and the first undo, so that every client has let go of what is undone. */
export const drainMs = 2_000;

/**
 * What happens next. Synchronous and total; looks at nothing but its arguments.
 *
 * running: results are taken in, guardrails judged, and each step of the current phase that is due moves as far as it can;
 * a phase ends when all its steps are done. A failed step or a breached guardrail turns the run round.
 * running, but paused: results are taken in and guardrails judged; no step moves.
 * rolling_back: flags are off already (the state says so); after the drain, steps are undone one at a time, the one that
 * began last first. A failed undo stops in rollback_failed until an operator asks again.
 * completed, rolled_back: nothing, unless an operator asks for a completed run to be taken back.
 */
export function decide(
  bound: BoundPlan,
  journal: JournalState,
  observations: Observations,
  nowMs: number,
): Decision {
  if (!journal.run) return { transitions: [], wakeAtMs: Number.POSITIVE_INFINITY, waiting: {} };
  const ledger = new Ledger(bound, journal, observations.verdicts, nowMs);
  takeInResults(ledger, observations);
  if (ledger.run.status === 'running') takeInLooks(ledger, observations.segmentLooks ?? []);
  if (ledger.run.rollback?.requested) turnRound(ledger, ledger.run.rollback.reason);
  if (ledger.run.status === 'running') judge(ledger);
  if (ledger.run.status === 'running') {
    const pause = currentPause(ledger.run);
    if (pause) hold(ledger, pause.reason);
    else advancePhases(ledger);
  }
  if (ledger.run.status === 'rolling_back') advanceRollback(ledger);
  return { transitions: ledger.events, wakeAtMs: ledger.wakeAtMs, waiting: ledger.waiting };
}

function takeInResults(ledger: Ledger, observations: Observations): void {
  for (const { key, outcome } of observations.effectResults) {
    const isPending = Object.values(ledger.run.steps).some((step) => step.pendingEffect?.key === key);
    if (isPending) ledger.record({ type: 'effect.finished', key, outcome });
  }
}

/** Only what has changed, so that a look a day or a look a second leaves no trace when nobody has joined. */
function takeInLooks(ledger: Ledger, looks: readonly SegmentLook[]): void {
  for (const look of looks) {
    const { segment } = look;
    const { size = null, problem = null } = ledger.run.segments[segment] ?? {};
    const found = 'problem' in look ? look.problem : null;
    if (found !== problem) ledger.record({ type: 'segment.trouble', segment, problem: found });
    if ('size' in look && look.size !== size) {
      ledger.record({ type: 'segment.grown', segment, size: look.size });
    }
  }
}

/** Journals verdicts that have changed, and turns the run round when a guardrail fails. */
function judge(ledger: Ledger): void {
  for (const [name, verdict] of Object.entries(ledger.verdicts)) {
    const [gate = '', watcher = ''] = name.split('@');
    const before = ledger.run.verdicts[name];
    if (before?.status !== verdict.status) {
      const event = { type: 'gate.judged', gate, watcher, verdict } as const;
      if (canWait(ledger.run, event)) ledger.holdBack(event);
      else ledger.record(event);
    }
    if (watcher === guardrail && verdict.status === 'fail' && ledger.run.status === 'running') {
      turnRound(ledger, `guardrail ${gate} failed: ${verdict.evidence}`);
    }
  }
}

/**
 * A gate at its limit does not fill the journal: of verdicts that come and go, one is journalled in a while, and always what
 * something was decided on. What ends a fail never waits, since how long a gate has failed is read from the journal; a fail
 * waits only when a few have been told just before, and a guardrail's never does: it turns the run round.
 */
function canWait({ verdicts, failsToldAtMs }: RunState, { gate, watcher, verdict }: GateJudged): boolean {
  const name = `${gate}@${watcher}`;
  const before = verdicts[name];
  if (!before || before.status === 'fail') return false;
  if (verdict.status === 'fail')
    return watcher !== guardrail && flickers(failsToldAtMs[name] ?? [], verdict.toMs);
  return verdict.toMs - before.toMs < flickerMs;
}

function turnRound(ledger: Ledger, reason: string): void {
  for (const step of Object.values(ledger.run.steps)) {
    if (step.pendingEffect) {
      ledger.record({
        type: 'effect.abandoned',
        key: step.pendingEffect.key,
        reason: 'the run is taken back',
      });
    }
  }
  ledger.record({ type: 'rollback.started', reason, drainMs });
}

/** An operator resumes, takes back, or a guardrail does: none of them at an hour that could be told. */
function hold(ledger: Ledger, reason: string): void {
  for (const [id, { status, pendingEffect }] of Object.entries(ledger.run.steps)) {
    if (status === 'running' && !pendingEffect) ledger.waiting[id] = `paused: ${reason}`;
  }
}

function advancePhases(ledger: Ledger): void {
  for (const phase of ledger.bound.plan.phases) {
    if (ledger.run.phases[phase.id]?.completedAtMs) continue;
    if (!ledger.run.phases[phase.id]) ledger.record({ type: 'phase.started', phase: phase.id });
    advancePhase(ledger, phase);
    const done = phase.steps.every((step) => ledger.step(step.id).status === 'completed');
    if (!done || ledger.run.status !== 'running') return;
    ledger.record({ type: 'phase.completed', phase: phase.id });
  }
  ledger.record({ type: 'run.completed' });
}

/** Moves every step that is due, until none of them frees another one. */
function advancePhase(ledger: Ledger, phase: Phase): void {
  const moved = new Set<string>();
  for (let again = true; again;) {
    again = false;
    for (const { id } of phase.steps) {
      const owner = ledger.bound.steps.get(id);
      if (!owner || moved.has(id) || !isDue(ledger, owner)) continue;
      moved.add(id);
      if (ledger.step(id).status === 'pending') ledger.record({ type: 'step.started', step: id });
      const advance = advanceStep(ledger, owner, 'forward');
      if (advance.result === 'failed') {
        ledger.record({ type: 'step.failed', step: id, reason: advance.reason });
        turnRound(ledger, `step ${id} failed: ${advance.reason}`);
        return;
      }
      again ||= advance.result === 'done';
    }
  }
}

function isDue(ledger: Ledger, owner: BoundStep): boolean {
  const { step } = owner;
  const { status } = ledger.step(step.id);
  if (status !== 'pending') return status === 'running';
  const missing = step.after.filter((id) => ledger.step(id).status !== 'completed');
  if (missing.length > 0) {
    ledger.waiting[step.id] = `after ${missing.join(', ')}`;
    return false;
  }
  delete ledger.waiting[step.id];
  const untilPlanMs = stepDatePlanMs(ledger.bound, ledger.run, step, ledger.nowMs);
  if (untilPlanMs === null || ledger.run.waivedWaits.includes(step.id)) return true;
  ledger.waiting[step.id] = `begins at ${describeOffset(untilPlanMs)}`;
  ledger.wakeAtPlan(untilPlanMs);
  return false;
}

const undoable = new Set(['running', 'completed', 'failed', 'undoing']);

function advanceRollback(ledger: Ledger): void {
  const { rollback } = ledger.run;
  if (rollback && ledger.nowMs < rollback.drainUntilMs) {
    ledger.wakeAt(rollback.drainUntilMs);
    return;
  }
  for (const owner of undoOrder(ledger)) {
    const { id } = owner.step;
    if (ledger.step(id).status !== 'undoing') ledger.record({ type: 'step.undo_started', step: id });
    const advance = advanceStep(ledger, owner, 'undo');
    if (advance.result === 'failed') {
      ledger.record({ type: 'rollback.failed', step: id, reason: advance.reason });
    }
    if (advance.result !== 'done') return;
  }
  ledger.record({ type: 'rollback.completed' });
}

/** The step that began last is undone first. */
function undoOrder(ledger: Ledger): readonly BoundStep[] {
  const startedNth = (owner: BoundStep) => ledger.step(owner.step.id).startedNth;
  return [...ledger.bound.steps.values()]
    .filter((owner) => undoable.has(ledger.step(owner.step.id).status))
    .toSorted((a, b) => startedNth(b) - startedNth(a));
}
