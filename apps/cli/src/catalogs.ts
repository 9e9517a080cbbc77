import { bindPlan, type BoundPlan, type PlanFiles } from '@crossfade/engine';
import { gateCatalog } from '@crossfade/gates';
import { parsePlan, planDigest, type Finding } from '@crossfade/plan';
import { stepCatalog } from '@crossfade/steps';

/** All step and gate types this Crossfade knows. */
const catalogs = { steps: stepCatalog, gates: gateCatalog };

export type CheckedPlan =
  | { readonly bound: BoundPlan; readonly findings: readonly Finding[] }
  | { readonly bound: undefined; readonly findings: readonly Finding[] };

/** Parses and checks a plan; bound only when it has no errors. */
export function checkPlan(files: PlanFiles): CheckedPlan {
  const today = new Date().toISOString().slice(0, 10);
  const { plan, findings } = parsePlan(files, catalogs, { today });
  const hasErrors = findings.some((finding) => finding.severity === 'error');
  if (!plan || hasErrors) return { bound: undefined, findings };
  return { bound: bindPlan(plan, planDigest(files), files, catalogs), findings };
}
