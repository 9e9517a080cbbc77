export { compileFlagDocument } from './compile-flag-document.ts';
export type { CompiledFlags } from './compile-flag-document.ts';
export { createFlagEvaluator } from './evaluation/flag-evaluator.ts';
export type { FlagEvaluator, SegmentMembers } from './evaluation/flag-evaluator.ts';
export { FlagPlanError } from './flag-plan.ts';
export type { FlagAudience, FlagExposure, FlagOverrides, FlagParameter, FlagPlan } from './flag-plan.ts';
