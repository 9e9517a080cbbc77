import type { StepType } from '@crossfade/engine';
import { expect } from 'vitest';
import { createCutOffTarget, CutOff } from './cut-off-target.ts';
import type { StepWorld } from './step-world.ts';

export interface CutOffCase<Config> {
  readonly type: StepType<Config>;
  readonly config: Config;
  readonly kind: string;
  /** What the successor performs: the same again, unless it says otherwise. */
  readonly successorKind?: string;
  /** Cut off after every statement, or only every so many of a long effect. */
  readonly every?: number;
  /** Brings the target to where the effect begins, each time anew. */
  prepare(): Promise<StepWorld>;
  /** Looks at the target once a successor has finished the work. */
  verify(world: StepWorld): Promise<void>;
}

/**
 * Performs an effect, cuts it off after its first statement, has a successor perform it, or another; then after its second; and so on, until it
 * comes to its end uncut. Returns at how many points it was cut off.
 */
export async function cutOffEverywhere<Config>(given: CutOffCase<Config>): Promise<number> {
  for (let at = 1; ; at += given.every ?? 1) {
    const world = await given.prepare();
    const whole = world.target;
    const cutOff = createCutOffTarget(whole, at);
    const effect = {
      key: `${world.runId}/${world.stepId}/1`,
      kind: given.kind,
      input: null,
      config: given.config,
    };
    world.target = cutOff;
    const end = await given.type.perform(effect, world.context()).then(
      () => 'finished',
      (error: unknown) => error,
    );
    if (cutOff.wasCutOff()) expect(end, `performed with a cut after statement ${at}`).toBeInstanceOf(CutOff);
    world.target = whole;
    world.token += 1;
    await given.type.perform({ ...effect, kind: given.successorKind ?? given.kind }, world.context());
    await given.verify(world);
    if (!cutOff.wasCutOff()) return at - 1;
  }
}
