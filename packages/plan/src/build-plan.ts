import { pathText } from './finding.ts';
import type { GateDeclaration, Group, Phase, Plan, Segment, Step, SuccessCriterion } from './model.ts';
import type { GateDocument, PlanDocument, StepDocument } from './plan-document.ts';

/** The model of a plan without mistakes. `configs`: the parsed settings by the path of their step or gate. */
export function buildPlan(document: PlanDocument, configs: ReadonlyMap<string, unknown>): Plan {
  return deepFreeze({
    name: document.name,
    title: document.title,
    description: document.description,
    calendar: {
      weeks: document.calendar.weeks,
      start: document.calendar.start,
      defaultMinuteOfDay: document.calendar.default_time,
    },
    segments: mapValues(document.segments, ({ title, sql, refresh, max_cost }): Segment => ({
      title,
      sql,
      refreshMs: refresh,
      maxCost: max_cost,
    })),
    groups: mapValues(document.groups, (group): Group => ({
      title: group.title,
      segment: group.segment ?? null,
      percentage: group.percentage,
      holdBack: group.hold_back,
      at: group.at ?? null,
    })),
    flags: document.flags,
    parameters: document.parameters,
    gates: mapValues(document.gates, (gate, id) => buildGate(gate, configs.get(pathText(['gates', id])))),
    guardrails: document.guardrails,
    success: document.success.map((criterion): SuccessCriterion => ({
      ...criterion,
      gate: criterion.gate ?? null,
    })),
    phases: document.phases.map(({ id, title, description, steps }, phase): Phase => ({
      id,
      title,
      description,
      steps: steps.map((step, index) =>
        buildStep(step, configs.get(pathText(['phases', phase, 'steps', index]))),
      ),
    })),
  });
}

function buildGate(gate: GateDocument, config: unknown): GateDeclaration {
  return { type: gate.type, title: gate.title, config };
}

function buildStep(step: StepDocument, config: unknown): Step {
  return {
    id: step.id,
    type: step.type,
    title: step.title,
    description: step.description,
    at: step.at ?? null,
    after: step.after,
    notice: step.notice ?? null,
    config,
  };
}

function mapValues<T, U>(
  from: Readonly<Record<string, T>>,
  change: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value, key)]));
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}
