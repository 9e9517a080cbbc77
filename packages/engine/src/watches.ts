import type { BoundPlan } from './bind.ts';
import { stepOf } from './fold.ts';
import { resumedAtMs } from './pauses.ts';
import type { JournalState } from './state.ts';
import { stepView } from './step-view.ts';

/** A gate that must be measured now: for a step, or as a guardrail. */
export interface GateWatch {
  readonly watcher: string;
  readonly gate: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The name under which guardrails are measured. */
export const guardrail = 'guardrail';

/** All that must be measured before the next decision, with its window of database time. */
export function watchesOf(bound: BoundPlan, journal: JournalState, nowMs: number): readonly GateWatch[] {
  const { run } = journal;
  if (!run || run.status !== 'running') return [];
  const window = (gate: string, sinceMs: number) => {
    const found = bound.gates.get(gate);
    const windowMs = found ? found.type.windowMs(found.declaration.config) : 0;
    return { fromMs: Math.max(sinceMs, nowMs - windowMs), toMs: nowMs };
  };
  const watches: GateWatch[] = bound.plan.guardrails.map((gate) => ({
    watcher: guardrail,
    gate,
    ...window(gate, run.startedAtMs),
  }));
  for (const owner of bound.steps.values()) {
    if (stepOf(run, owner.step.id).status !== 'running') continue;
    const view = stepView(bound, journal, run, owner, {}, nowMs);
    for (const { gate, sinceMs } of owner.type.watches(view)) {
      watches.push({ watcher: owner.step.id, gate, ...window(gate, Math.max(sinceMs, resumedAtMs(run))) });
    }
  }
  return watches;
}
