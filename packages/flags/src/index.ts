export { compileFlagDocument } from './compile-flag-document.ts';
export type { CompiledFlags } from './compile-flag-document.ts';
export { FlagPlanError } from './flag-plan.ts';
export type { FlagAudience, FlagExposure, FlagParameter, FlagPlan } from './flag-plan.ts';
