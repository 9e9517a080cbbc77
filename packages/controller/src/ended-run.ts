import type { BoundPlan, JournalState, RunState } from '@crossfade/engine';
import type { ControllerEnd } from './controller-options.ts';

/** How the run has ended, unless there is something left to do for a controller. */
export function endOf(run: RunState): ControllerEnd['status'] | undefined {
  if (run.rollback?.requested) return undefined;
  const { status } = run;
  return status === 'running' || status === 'rolling_back' ? undefined : status;
}

/**
 * The run to carry out.
 * @throws Error when there is none, when it is another plan's, or when it is not the one this controller began with.
 */
export function runOf({ run }: JournalState, bound: BoundPlan, expectedRunId: string | null): RunState {
  if (!run) throw new Error('the journal has no run to carry out: expected one that was started before');
  if (expectedRunId !== null && run.runId !== expectedRunId) {
    throw new Error(`run ${run.runId} was started while this controller carried out run ${expectedRunId}`);
  }
  const { planDigest, plan } = run.start;
  if (planDigest !== bound.digest) {
    throw new Error(
      `run ${run.runId} was started with plan ${plan} of digest ${planDigest.slice(0, 12)}…, ` +
        `the plan given now has ${bound.digest.slice(0, 12)}…: the plan was edited, and nobody has adopted the change`,
    );
  }
  return run;
}
