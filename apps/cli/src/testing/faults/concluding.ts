import { nobody, type TrialResult } from './fault.ts';
import type { Scene } from './scene.ts';

/**
 * Clears the scene whatever comes, and counts what went wrong then among the problems. The folder of a failed trial stays: the
 * log of its people is in it.
 */
export async function concluding(scene: Scene, work: () => Promise<TrialResult>): Promise<TrialResult> {
  const result = await work().catch((error: unknown) => stumbled(scene, error));
  const problems = [...result.problems, ...(await problemsOfClearing(scene))];
  if (problems.length === 0) scene.removeFolder();
  return { ...result, problems };
}

/** The result of a trial that could not be brought to its end: what was done to it before is part of why. */
export function stumbled({ trial, done }: Pick<TrialResult, 'trial' | 'done'>, error: unknown): TrialResult {
  return { trial, ended: 'stumbled', done, problems: [textOf(error)], ...nobody };
}

async function problemsOfClearing(scene: Scene): Promise<readonly string[]> {
  try {
    return await scene.clear();
  } catch (error) {
    return [`it could not be cleared: ${textOf(error)}`];
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
