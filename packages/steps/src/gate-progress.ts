import type { StepView, Verdict, VerdictStatus } from '@crossfade/engine';
import { durationSchema } from '@crossfade/plan';

export interface GateProgress {
  /** A gate that has failed long enough to be believed. */
  readonly failed: { readonly gate: string; readonly verdict: Verdict } | undefined;
  /** Gates that do not pass yet, each with why. */
  readonly open: readonly string[];
}

/** For the settings of steps that wait for gates. */
export const breachAfterSchema = durationSchema.prefault('10s').meta({
  description:
    'How long a gate must go on failing, in real time, before the run is taken back: one slow moment is no breach. ' +
    'A guardrail takes it back at once.',
});

/**
 * How the gates stand that a step waits for. A verdict over a window from before the watch says nothing about it, and a fail
 * counts when it has lasted for `breachAfterMs`; until then nothing is promoted.
 */
export function gateProgress(
  view: StepView<unknown>,
  gates: readonly string[],
  sinceMs: number,
  breachAfterMs: number,
): GateProgress {
  const open: string[] = [];
  for (const gate of gates) {
    const verdict = view.verdict(gate);
    const counts = verdict !== undefined && verdict.fromMs >= sinceMs;
    const failingForMs = view.nowMs - (view.failingSinceMs(gate) ?? view.nowMs);
    if (counts && verdict.status === 'fail' && failingForMs >= breachAfterMs) {
      return { failed: { gate, verdict }, open };
    }
    if (!counts) open.push(`gate ${gate} has not been measured yet`);
    else if (verdict.status !== 'pass')
      open.push(`gate ${gate} ${wordFor(verdict.status)}: ${verdict.evidence}`);
  }
  return { failed: undefined, open };
}

/**
 * When patience with gates that cannot decide is over, in real time. It begins when the step wants their verdict
 * (`wantedMs`, of a watch since `sinceMs`). Time in which nobody looked tries nobody's patience: a pause does not count, and
 * it begins anew with a controller that takes the run up.
 */
export function patienceEndsMs(
  view: StepView<unknown>,
  { wantedMs, sinceMs, patienceMs }: { wantedMs: number; sinceMs: number; patienceMs: number },
): number {
  const inThisRunMs = wantedMs + view.pausedMsSince(sinceMs);
  const underThisLeaderMs = view.ledSinceMs + view.pausedMsSince(view.ledSinceMs);
  return Math.max(inThisRunMs, underThisLeaderMs) + patienceMs;
}

function wordFor(status: VerdictStatus): string {
  return status === 'fail' ? 'fails' : `is ${status}`;
}
