import type { BoundPlan } from '@crossfade/engine';
import { suggestion } from '@crossfade/plan';
import { Refusal } from '../exit-codes.ts';

/** @throws {Refusal} when the plan has no step of that name. */
export function assertStep({ steps }: BoundPlan, wanted: string | undefined): void {
  if (wanted === undefined || steps.has(wanted)) return;
  const meant = suggestion(wanted, [...steps.keys()]);
  throw new Refusal(
    `--step ${wanted}: expected a step of the plan${meant === undefined ? '' : `; ${meant}`}`,
  );
}
