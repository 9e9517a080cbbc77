import type { StepView, Verdict } from '@crossfade/engine';

export interface GateProgress {
  readonly failed: { readonly gate: string; readonly verdict: Verdict } | undefined;
  /** Gates that do not pass yet, each with why. */
  readonly open: readonly string[];
}

/** How the gates stand that a step waits for. A verdict over a window from before the watch says nothing about it. */
export function gateProgress(
  view: StepView<unknown>,
  gates: readonly string[],
  sinceMs: number,
): GateProgress {
  const open: string[] = [];
  for (const gate of gates) {
    const verdict = view.verdict(gate);
    const counts = verdict !== undefined && verdict.fromMs >= sinceMs;
    if (counts && verdict.status === 'fail') return { failed: { gate, verdict }, open };
    if (!counts) open.push(`gate ${gate} has not been measured yet`);
    else if (verdict.status !== 'pass') open.push(`gate ${gate} is ${verdict.status}: ${verdict.evidence}`);
  }
  return { failed: undefined, open };
}
