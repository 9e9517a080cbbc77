import type { BoundPlan, RunState, Verdict } from '@crossfade/engine';
import type { Report } from './report-schema.ts';

/** What the plan promised: only what a gate measured can be met; the rest is "not measured", with the plan's own note. */
export function successFigures(run: RunState, bound: BoundPlan): Report['success'] {
  return bound.plan.success.map(({ id, title, target, gate, note }) => {
    const verdict = gate === null ? undefined : lastVerdict(run, gate);
    if (verdict?.status === 'pass') return { id, title, target, result: 'met', evidence: verdict.evidence };
    if (verdict?.status === 'fail')
      return { id, title, target, result: 'not met', evidence: verdict.evidence };
    return { id, title, target, result: 'not measured', evidence: verdict?.evidence ?? note };
  });
}

/** The newest verdict of a gate, whoever watched it. */
function lastVerdict(run: RunState, gate: string): Verdict | undefined {
  return Object.entries(run.verdicts)
    .filter(([name]) => name.startsWith(`${gate}@`))
    .map(([, verdict]) => verdict)
    .toSorted((a, b) => a.toMs - b.toMs)
    .at(-1);
}
