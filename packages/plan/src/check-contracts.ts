import type { Draft, DraftStep } from './draft.ts';
import type { Report } from './report.ts';
import { suggestion } from './suggest.ts';
import type { StepNames, StepVocabulary } from './vocabulary.ts';

/** A step whose settings could be read. */
export interface CheckedStep {
  readonly step: DraftStep;
  readonly type: StepVocabulary;
  readonly names: StepNames;
}

/**
 * Steps that another one builds upon must lie before it; and what cannot be taken back comes right after something that can
 * say no: a step with gates.
 */
export function checkContracts(draft: Draft, steps: readonly CheckedStep[], report: Report): void {
  for (const checked of steps) {
    for (const wanted of checked.names.steps ?? []) checkWanted(draft, checked.step, wanted, report);
    if (checked.type.reversibility === 'contract') checkGuarded(checked, steps, report);
  }
}

function checkWanted(
  draft: Draft,
  step: DraftStep,
  { id, type }: { readonly id: string; readonly type: string },
  report: Report,
): void {
  const all = draft.phases.flatMap((phase) => phase.steps);
  const fitting = all.flatMap((other) => (other.type === type && other.id !== undefined ? [other.id] : []));
  const setting = Object.entries(step.settings).find(([, value]) => value === id)?.[0];
  const path = setting === undefined ? step.path : [...step.path, setting];
  const expected =
    fitting.length === 0 ? `a step of type ${type}` : `a step of type ${type}: ${fitting.join(', ')}`;
  const found = all.find((other) => other.id === id);
  if (!found) {
    const hint = (): string | undefined => suggestion(id, fitting);
    report.add({ path, value: id, message: `There is no step ${id}.`, expected, hint });
  } else if (found.type !== type) {
    report.add({ path, value: id, message: `The step ${id} is of type ${found.type ?? 'none'}.`, expected });
  } else if (!stepsBefore(draft, step).has(id)) {
    const message = `The step ${id} need not be done before this one.`;
    report.add({
      path,
      value: id,
      message,
      expected: `a step of an earlier phase, or one that "after" leads to`,
    });
  }
}

/** All of the phases before its own, and those of its own that `after` leads to. */
function stepsBefore({ phases }: Draft, step: DraftStep): ReadonlySet<string> {
  const at = phases.findIndex(({ steps }) => steps.includes(step));
  const before = new Set(phases.slice(0, at).flatMap(({ steps }) => steps.flatMap(({ id }) => id ?? [])));
  const siblings = phases[at]?.steps ?? [];
  const open = step.after.map(({ name }) => name);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (before.has(next)) continue;
    before.add(next);
    open.push(...(siblings.find(({ id }) => id === next)?.after.map(({ name }) => name) ?? []));
  }
  return before;
}

function checkGuarded({ step }: CheckedStep, steps: readonly CheckedStep[], report: Report): void {
  const guards = steps.filter(({ names }) => names.gates.length > 0).map((guard) => guard.step.id);
  if (step.after.some(({ name }) => guards.includes(name))) return;
  report.add({
    path: step.path,
    value: step.id ?? '',
    message: `The step ${step.id ?? ''} cannot be taken back, and nothing right before it can say no.`,
    expected: 'an "after" with a step that has gates, such as a check of this phase',
  });
}
