import type { Draft, DraftPhase, DraftStep } from './draft.ts';
import { pathText } from './finding.ts';
import type { DocumentPath } from './finding.ts';
import type { PlanTime } from './plan-time.ts';
import type { Report } from './report.ts';
import { suggestion } from './suggest.ts';

/** Ids that stand twice, `after` that leads nowhere or in a circle, and dates in the wrong order. */
export function checkOrder(draft: Draft, report: Report): void {
  checkUnique(draft.phases, 'phase', report);
  checkUnique(
    draft.phases.flatMap((phase) => phase.steps),
    'step',
    report,
  );
  const phaseOf = new Map<string, DraftPhase>();
  for (const phase of draft.phases)
    for (const step of phase.steps) if (step.id !== undefined) phaseOf.set(step.id, phase);
  for (const phase of draft.phases) {
    for (const step of phase.steps) checkAfter(step, phase, phaseOf, report);
    for (const cycle of cyclesOf(phase.steps)) reportCycle(cycle, report);
  }
}

function checkUnique(
  parts: readonly { id: string | undefined; path: DocumentPath }[],
  kind: string,
  report: Report,
): void {
  const seen = new Set<string>();
  for (const { id, path } of parts) {
    if (id === undefined) continue;
    if (seen.has(id)) {
      const message = `A second ${kind} is called ${id}.`;
      report.add({ path: [...path, 'id'], message, expected: `an id that no other ${kind} of the plan has` });
    }
    seen.add(id);
  }
}

function checkAfter(
  step: DraftStep,
  phase: DraftPhase,
  phaseOf: ReadonlyMap<string, DraftPhase>,
  report: Report,
): void {
  const siblings = phase.steps.flatMap(({ id }) => (id === undefined ? [] : [id]));
  for (const { name, path } of step.after) {
    const other = phaseOf.get(name);
    const before = phase.steps.find(({ id }) => id === name);
    if (other === undefined) {
      const message = `There is no step ${name}.`;
      report.add({
        path,
        value: name,
        message,
        expected: 'a step of the same phase',
        hint: () => suggestion(name, siblings),
      });
    } else if (!before) {
      const message = `The step ${name} belongs to the phase ${other.id ?? pathText(other.path)}.`;
      report.add({
        path,
        value: name,
        message,
        expected: 'a step of the same phase: phases follow each other anyway',
      });
    } else if (step.at && before.at && isEarlier(step.at, before.at)) {
      const message = `This is earlier than the step ${name}, which must be done before.`;
      report.add({
        path: [...step.path, 'at'],
        message,
        expected: `a moment after ${name}`,
        severity: 'warning',
      });
    }
  }
}

function isEarlier(a: PlanTime, b: PlanTime): boolean {
  if (a.kind !== b.kind) return false;
  const day = (time: PlanTime): string =>
    time.kind === 'date' ? time.isoDate : `${String(time.week).padStart(4, '0')}-${time.weekday}`;
  if (day(a) !== day(b)) return day(a) < day(b);
  return a.minuteOfDay !== null && b.minuteOfDay !== null && a.minuteOfDay < b.minuteOfDay;
}

type NamedStep = DraftStep & { readonly id: string };

const isNamed = (step: DraftStep): step is NamedStep => step.id !== undefined;

interface Cycle {
  readonly first: NamedStep;
  readonly ids: readonly string[];
}

/** Each circle once, with the steps on it in order. Steps that only lead into a circle are not on it. */
function cyclesOf(steps: readonly DraftStep[]): Cycle[] {
  const left = new Map(steps.filter(isNamed).map((step) => [step.id, step]));
  const cycles: Cycle[] = [];
  for (;;) {
    removeFree(left);
    const [first] = left.values();
    if (!first) return cycles;
    const way: NamedStep[] = [];
    let step = first;
    while (!way.includes(step)) {
      way.push(step);
      const next = step.after.map(({ name }) => left.get(name)).find((candidate) => candidate !== undefined);
      if (!next) return cycles;
      step = next;
    }
    const ids = way.slice(way.indexOf(step)).map(({ id }) => id);
    cycles.push({ first: step, ids });
    for (const id of ids) left.delete(id);
  }
}

/** Takes out, again and again, the steps that wait for no step that is left. */
function removeFree(left: Map<string, NamedStep>): void {
  let before: number;
  do {
    before = left.size;
    for (const [id, step] of left) if (!step.after.some(({ name }) => left.has(name))) left.delete(id);
  } while (left.size < before);
}

function reportCycle({ first, ids }: Cycle, report: Report): void {
  const circle = [...ids, first.id].join(' → ');
  const message = `These steps wait for each other: ${circle}.`;
  report.add({
    path: [...first.path, 'after'],
    value: circle,
    message,
    expected: 'an order without a circle',
  });
}
