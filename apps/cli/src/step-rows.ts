import { stepOf, waitsOf, type BoundPlan, type JournalState, type RunState } from '@crossfade/engine';
import type { Phase } from '@crossfade/plan';

export interface StepsView {
  readonly bound: BoundPlan;
  readonly journal: JournalState;
  readonly run: RunState;
  readonly nowMs: number;
}

/** What fits on a screen below the lines that matter more. */
const mostShown = 16;

/**
 * A row of cells for each step: its state, phase, name, and what it waits for or came to. In a long plan a phase whose steps
 * are all in one state, and wait for nothing, is one row (`shortened`), unless every step is asked for.
 */
export function stepRows(view: StepsView, every: boolean): { rows: string[][]; shortened: boolean } {
  const { bound, journal, nowMs } = view;
  const waits = new Map(waitsOf(bound, journal, nowMs).map(({ step, reason }) => [step, reason]));
  const all = every || bound.steps.size <= mostShown;
  const phases = bound.plan.phases.map((phase) => {
    const state = all ? undefined : commonState(view, phase, waits);
    const whole =
      state === undefined ? undefined : [marked(state), phase.id, `${phase.steps.length} steps`, ''];
    return { whole, steps: () => phase.steps.map(({ id }) => stepRow(view, phase, id, waits)) };
  });
  return {
    rows: phases.flatMap(({ whole, steps }) => (whole ? [whole] : steps())),
    shortened: phases.some(({ whole }) => whole !== undefined),
  };
}

const settled: readonly string[] = ['completed', 'pending', 'undone'];

function commonState(
  { run }: StepsView,
  { steps }: Phase,
  waits: ReadonlyMap<string, string>,
): string | undefined {
  const states = new Set(steps.map(({ id }) => stepOf(run, id).status));
  const [state = ''] = states;
  const isOne = states.size === 1 && steps.length > 1 && settled.includes(state);
  return isOne && !steps.some(({ id }) => waits.has(id)) ? state : undefined;
}

function stepRow({ run }: StepsView, phase: Phase, id: string, waits: ReadonlyMap<string, string>): string[] {
  const state = stepOf(run, id);
  const waived = run.waivedWaits.includes(id) ? ' (waived)' : '';
  const waitsFor = state.waitingFor ?? (state.status === 'pending' ? waits.get(id) : undefined);
  const told = waitsFor === undefined ? (state.summary ?? '') : `${waitText(waitsFor)}${waived}`;
  return [marked(state.status), phase.id, id, told];
}

/** What says by itself that it waits is left as it is. */
function waitText(reason: string): string {
  return /^(?:waits|begins|is) /.test(reason) ? reason : `waits: ${reason}`;
}

const marks: Readonly<Record<string, string>> = {
  pending: '○',
  running: '▸',
  completed: '✔',
  failed: '✘',
  undoing: '↩',
  undone: '↩',
};

function marked(status: string): string {
  return `${marks[status] ?? '?'} ${status}`;
}
