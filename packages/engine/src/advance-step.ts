import type { BoundStep } from './bind.ts';
import type { Direction, RunEvent } from './events.ts';
import { flickerMs, flickers } from './flicker.ts';
import type { Ledger } from './ledger.ts';
import type { StepChange, StepMove } from './step-type.ts';

/** How one step stands after it has moved as far as it can now. */
export type StepAdvance =
  | { readonly result: 'waiting' }
  | { readonly result: 'done'; readonly summary: string }
  | { readonly result: 'failed'; readonly reason: string };

/** A step type that makes this many moves without waiting is going round in circles. */
const movesPerTick = 100;

/** Lets a step move, forward or back, until it waits for something, is done, or has failed. */
export function advanceStep(ledger: Ledger, owner: BoundStep, direction: Direction): StepAdvance {
  const { id } = owner.step;
  for (let moves = 0; moves < movesPerTick; moves += 1) {
    const state = ledger.step(id);
    if (state.pendingEffect) return { result: 'waiting' };
    if (state.outcome?.status === 'failed') return { result: 'failed', reason: state.outcome.error };
    const view = ledger.view(owner);
    const move = direction === 'forward' ? owner.type.forward(view) : owner.type.undo(view);
    if (move.move !== 'wait') ledger.recordHeldBack(id);
    const advance = applyMove(ledger, owner, direction, move);
    if (advance) return advance;
  }
  throw new Error(`step ${id} (${owner.step.type}) made ${movesPerTick} moves in one tick without waiting`);
}

function applyMove(
  ledger: Ledger,
  owner: BoundStep,
  direction: Direction,
  move: StepMove,
): StepAdvance | undefined {
  const { id } = owner.step;
  switch (move.move) {
    case 'progress':
      ledger.record({ type: 'step.progressed', step: id, state: move.data, note: move.note });
      for (const change of move.changes) ledger.record(changeEvent(change, `${id}: ${move.note}`));
      return undefined;
    case 'effect': {
      const count = ledger.step(id).effectCount + 1;
      const key = `${ledger.run.runId}/${id}/${direction}/${count}`;
      ledger.record({ type: 'step.progressed', step: id, state: move.data, note: move.note });
      ledger.record({
        type: 'effect.requested',
        key,
        step: id,
        direction,
        kind: move.kind,
        input: move.input,
      });
      return { result: 'waiting' };
    }
    case 'wait':
      ledger.waiting[id] = move.reason;
      ledger.wakeAt(move.untilMs);
      ledger.wakeAtPlan(move.untilPlanMs);
      tellReason(ledger, id, move.reason);
      return { result: 'waiting' };
    case 'done':
      if (direction === 'forward') {
        ledger.record({ type: 'step.completed', step: id, summary: move.summary, facts: move.facts });
      } else {
        ledger.record({ type: 'step.undone', step: id, summary: move.summary });
      }
      return { result: 'done', summary: move.summary };
    case 'fail':
      return { result: 'failed', reason: move.reason };
  }
}

/** One that comes and goes is journalled only now and then: see `Decision.waiting` for the one of this moment. */
function tellReason(ledger: Ledger, id: string, reason: string): void {
  const { waitingFor, reasonsToldAtMs } = ledger.step(id);
  if (kindOfReason(reason) === kindOfReason(waitingFor ?? '')) return;
  if (flickers(reasonsToldAtMs, ledger.nowMs)) ledger.wakeAt((reasonsToldAtMs[0] ?? 0) + flickerMs);
  else ledger.record({ type: 'step.waiting', step: id, reason });
}

function changeEvent(change: StepChange, reason: string): RunEvent {
  return change.change === 'exposure'
    ? { type: 'exposure.changed', flag: change.flag, audiences: change.audiences, reason }
    : { type: 'parameter.changed', parameter: change.parameter, value: change.value, reason };
}

/** "120 of 200 samples" and "180 of 200 samples" are one reason: the journal does not count along. */
function kindOfReason(reason: string): string {
  return reason.replaceAll(/\d[\d.,]*/g, '#');
}
