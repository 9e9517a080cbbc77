import type { BoundPlan, BoundStep } from '@crossfade/engine';
import { z } from 'zod';

/** What each type of step needs beside the database; null: the database is enough. A new type is to be added here. */
export const needsBeside: Readonly<Record<string, string | null>> = {
  schema: null,
  backfill: null,
  reshape: null,
  contract: null,
  check: null,
  rollout: 'needs people',
  warm: 'needs the application',
  notify: 'tells people',
  wait: 'only waits',
};

export interface NotRehearsed {
  readonly step: string;
  readonly type: string;
  readonly why: string;
}

export interface Rehearsed {
  /** In the order of the plan. */
  readonly steps: readonly BoundStep[];
  readonly notRehearsed: readonly NotRehearsed[];
}

/** Which steps of a plan work on the database alone, and why the others are left out. */
export function rehearsedSteps(bound: BoundPlan): Rehearsed {
  const steps: BoundStep[] = [];
  const notRehearsed: NotRehearsed[] = [];
  for (const owner of bound.steps.values()) {
    const { id, type } = owner.step;
    const withoutGates = gatesRemoved(owner);
    const why = withoutGates ? (needsBeside[type] ?? null) : 'asks gates, which need the application';
    if (why === null && withoutGates) steps.push(withoutGates);
    else notRehearsed.push({ step: id, type, why: why ?? '' });
  }
  return { steps, notRehearsed };
}

const checkSettings = z.looseObject({ gates: z.array(z.string()), sql: z.array(z.unknown()) });

/** Gates look at an application, which a copy of its database has not. Undefined when a check asks nothing else. */
function gatesRemoved(owner: BoundStep): BoundStep | undefined {
  if (owner.step.type !== 'check') return owner;
  const config = checkSettings.parse(owner.step.config);
  if (config.sql.length === 0) return undefined;
  return { ...owner, step: { ...owner.step, config: { ...config, gates: [] } } };
}
