import { stepOf, type RunState } from '@crossfade/engine';

const rollouts = [
  { step: 'show', flag: 'search' },
  { step: 'open', flag: 'calls' },
] as const;

/** A rollout goes on to its end, or is held because its flag is killed: whatever else one does, in words. */
export function stepsNotAtRest(run: RunState, killed: ReadonlySet<string>): readonly string[] {
  return rollouts.flatMap(({ step, flag }) => {
    const { status, waitingFor } = stepOf(run, step);
    const isHeld = killed.has(flag) && waitingFor === `held: ${flag} is switched off by an operator`;
    if (status === 'completed' || (status === 'running' && isHeld)) return [];
    return [`${step} is ${status} in the end, and waits for ${waitingFor}`];
  });
}
