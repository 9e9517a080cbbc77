export { admitMembers, type Admitted } from './segments/admit-members.ts';
export { joinAudience } from './rollout/join-audience.ts';
export { plannedRollout, type PlannedRollout, type PlannedStage } from './rollout/rollout-stages.ts';
export { findMembers, TooCostlyError } from './segments/find-members.ts';
export type { Verification } from './backfill/verify/verify-backfill.ts';
export { asVerifiable, verifyStep, type VerifiableStep } from './verify/verify-step.ts';
export { stepCatalog } from './catalog.ts';
export { catalogDigest, type CatalogDigest } from './schema/catalog-digest.ts';
export { describedBy } from './schema/attribute-queries.ts';
export type { ExplainedLock, ExplainedPart, ExplainGround, Explanation } from './explains.ts';
export { backfillsAmong, openBackfills, workAtBackfill } from './backfill/worker/work-at-backfills.ts';
export {
  readQuarantined,
  retryQuarantined,
  type Quarantined,
  type Retried,
} from './backfill/retry-quarantined.ts';
