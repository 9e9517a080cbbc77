import type { Fault, TrialResult } from './fault.ts';
import type { Ground } from './ground.ts';

export interface Job {
  readonly fault: Fault;
  readonly seed: number;
}

export interface FinishedTrial extends Job {
  /** Undefined when the trial did not come to begin. */
  readonly moments: unknown;
  /** What it showed; or why it could not begin, which counts as failed, too. */
  readonly result: TrialResult | { readonly error: string };
  readonly tookMs: number;
}

/** Every fault with every seed, seed by seed: an interrupted soak has then tried every fault about as often. */
export function jobsOf(faults: readonly Fault[], seeds: readonly number[]): readonly Job[] {
  return seeds.flatMap((seed) => faults.map((fault) => ({ fault, seed })));
}

/** Runs all, a few at a time: they mostly wait. After an abort no new ones begin, and those under way are of no account. */
export async function runTrials(
  ground: Ground,
  jobs: readonly Job[],
  options: {
    readonly atATime: number;
    readonly signal: AbortSignal;
    readonly onEnd: (finished: FinishedTrial) => void;
  },
): Promise<void> {
  const waiting = [...jobs];
  const takeTurns = async (): Promise<void> => {
    for (let job = waiting.shift(); job && !options.signal.aborted; job = waiting.shift()) {
      const finished = await runOne(ground, job);
      if (!options.signal.aborted) options.onEnd(finished);
    }
  };
  await Promise.all(Array.from({ length: options.atATime }, takeTurns));
}

export async function runOne(ground: Ground, job: Job): Promise<FinishedTrial> {
  const startedMs = performance.now();
  let moments: unknown;
  let result: FinishedTrial['result'];
  try {
    const accident = await job.fault.draw(ground, job.seed);
    moments = accident.moments;
    result = await accident.trial(ground);
  } catch (error) {
    result = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  return { ...job, moments, result, tookMs: performance.now() - startedMs };
}

/** Why a trial has failed; empty when it has passed. */
export function problemsOf({ result }: FinishedTrial): readonly string[] {
  return 'error' in result ? [result.error] : result.problems;
}

/** All that is known of a failed trial, for people: what was done to it, why it failed, how to try and how to keep it. */
export function failureText(trial: FinishedTrial): string {
  const { fault, seed, moments, result } = trial;
  const told = 'error' in result ? [] : [`What was done (${result.trial}): ${result.done.join('; ')}`];
  return [
    `${fault.name}, seed ${seed}: ${problemsOf(trial).join('; ')}`,
    ...told,
    `Again: ${repeatCommand(trial)}`,
    `To keep: ${fault.name} at ${JSON.stringify(moments)}`,
  ].join('\n  ');
}

export function repeatCommand({ fault, seed }: Job): string {
  return `npm run soak -- --fault ${fault.name} --seed ${seed}`;
}
