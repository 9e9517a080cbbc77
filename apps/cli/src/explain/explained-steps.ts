import type { BoundPlan, BoundStep } from '@crossfade/engine';
import { stepCatalog, type ExplainGround, type Explanation } from '@crossfade/steps';

export interface ExplainedStep {
  readonly id: string;
  readonly title: string;
  readonly phase: string;
  readonly type: string;
  /** What it does, in one sentence. */
  readonly does: string;
  readonly reversibility: BoundStep['type']['reversibility'];
  /** What it does on the server, where it is of a type that works by statements. */
  readonly onServer: readonly Explanation[];
}

/** Every step, or the one that is wanted, in the order of the plan. */
export async function explainedSteps(
  { steps }: BoundPlan,
  ground: ExplainGround,
  wanted: string | undefined,
): Promise<readonly ExplainedStep[]> {
  const explained: ExplainedStep[] = [];
  for (const { step, phase, type } of steps.values()) {
    if (wanted !== undefined && step.id !== wanted) continue;
    const { id, title, config } = step;
    const onServer = (await stepCatalog[step.type]?.explain?.(config, ground)) ?? [];
    explained.push({
      id,
      title,
      phase,
      type: step.type,
      does: type.describe(config),
      reversibility: type.reversibility,
      onServer,
    });
  }
  return explained;
}
