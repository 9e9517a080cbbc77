import type { GateDeclaration, Plan, Step } from '@crossfade/plan';
import type { GateType } from './gate-type.ts';
import type { PlanFiles } from './ports.ts';
import type { StepType } from './step-type.ts';

/** A plan whose steps and gates know what they are: ready to be decided about. */
export interface BoundPlan {
  readonly plan: Plan;
  readonly digest: string;
  readonly files: PlanFiles;
  readonly steps: ReadonlyMap<string, BoundStep>;
  readonly gates: ReadonlyMap<string, BoundGate>;
}

export interface BoundStep {
  readonly step: Step;
  readonly phase: string;
  readonly type: StepType<unknown>;
}

export interface BoundGate {
  readonly id: string;
  readonly declaration: GateDeclaration;
  readonly type: GateType<unknown>;
}

export type StepCatalog = Readonly<Record<string, StepType<unknown>>>;
export type GateCatalog = Readonly<Record<string, GateType<unknown>>>;

/**
 * Joins a parsed plan with the step and gate types it names.
 * @throws Error when a type is unknown, which validation has excluded unless the plan was made by a newer Crossfade.
 */
export function bindPlan(
  plan: Plan,
  digest: string,
  files: PlanFiles,
  catalogs: { readonly steps: StepCatalog; readonly gates: GateCatalog },
): BoundPlan {
  const steps = new Map<string, BoundStep>();
  for (const phase of plan.phases) {
    for (const step of phase.steps) {
      const type = catalogs.steps[step.type];
      if (!type)
        throw new Error(
          `step ${step.id} is of the unknown type ${step.type}: this Crossfade cannot run the plan`,
        );
      steps.set(step.id, { step, phase: phase.id, type });
    }
  }
  const gates = new Map<string, BoundGate>();
  for (const [id, declaration] of Object.entries(plan.gates)) {
    const type = catalogs.gates[declaration.type];
    if (!type)
      throw new Error(
        `gate ${id} is of the unknown type ${declaration.type}: this Crossfade cannot run the plan`,
      );
    gates.set(id, { id, declaration, type });
  }
  return { plan, digest, files, steps, gates };
}

/** In the order of the plan: those of later phases, and those that stand below it in its own. */
export function stepsAfter({ steps }: Pick<BoundPlan, 'steps'>, id: string): readonly Step[] {
  const all = [...steps.values()].map(({ step }) => step);
  const place = all.findIndex((step) => step.id === id);
  return place < 0 ? [] : all.slice(place + 1);
}
