import type { StepType } from '@crossfade/engine';
import { expect } from 'vitest';
import { driveStep, type DriveEnd, type Fate } from './drive-step.ts';
import type { StepWorld } from './step-world.ts';

export interface Exercise<Config> {
  readonly type: StepType<Config>;
  /** As it stands in a plan: parsed by the step's own schema first. */
  readonly settings: unknown;
  createWorld(): StepWorld;
  /** All that the step may change: compared before and after it is taken back. */
  snapshot(world: StepWorld): Promise<unknown>;
  /** What must hold once the step is done. */
  verifyDone(end: Extract<DriveEnd, { end: 'done' }>, world: StepWorld): Promise<void>;
}

const fates: readonly Fate[] = ['twice', 'crash before the result is recorded'];

/**
 * Takes a step forward, back, forward again and to its end, once with every effect performed twice and once with a crash
 * before each result is recorded. What it leaves behind after being taken back is what was there before.
 */
export async function exerciseStep<Config>(exercise: Exercise<Config>): Promise<void> {
  const { type } = exercise;
  const config = type.configSchema.parse(exercise.settings);
  for (const fate of fates) {
    const world = exercise.createWorld();
    const before = await exercise.snapshot(world);
    const first = await driveStep(type, config, world, { direction: 'forward', fate });
    await checkDone(exercise, first, world, fate);
    await takeBack(exercise, config, world, first, { fate, before });
    // Done again: as a new run on a target that the last one has left, or, once, in the very same run.
    if (fate !== 'twice') world.runId = `${world.runId}-again`;
    const second = await driveStep(type, config, world, { direction: 'forward', fate });
    await checkDone(exercise, second, world, fate);
    await takeBack(exercise, config, world, second, { fate, before });
  }
}

async function checkDone<Config>(
  exercise: Exercise<Config>,
  end: DriveEnd,
  world: StepWorld,
  fate: Fate,
): Promise<void> {
  if (end.end === 'failed') throw new Error(`with every effect ${fate}: the step failed: ${end.reason}`);
  await exercise.verifyDone(end, world);
}

async function takeBack<Config>(
  exercise: Exercise<Config>,
  config: Config,
  world: StepWorld,
  forward: DriveEnd,
  { fate, before }: { fate: Fate; before: unknown },
): Promise<void> {
  const undone = await driveStep(exercise.type, config, world, {
    direction: 'undo',
    fate,
    data: forward.data,
  });
  expect(undone, `undo, with every effect ${fate}`).toMatchObject({ end: 'done' });
  expect(await exercise.snapshot(world), `what is left after undo, with every effect ${fate}`).toEqual(
    before,
  );
}
