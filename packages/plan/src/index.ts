export { documentLimits } from './document-limits.ts';
export { describeDurationMs, parseDurationMs } from './duration.ts';
export type { Finding } from './finding.ts';
export type {
  Calendar,
  FlagDeclaration,
  GateDeclaration,
  Group,
  ParameterDeclaration,
  Phase,
  Plan,
  Segment,
  Step,
  SuccessCriterion,
} from './model.ts';
export { parsePlan } from './parse-plan.ts';
export type { ParsedPlan } from './parse-plan.ts';
export { planDigest } from './plan-digest.ts';
export { planJsonSchema } from './plan-json-schema.ts';
export { describeOffset, parsePlanTime, planTimeOffsetMs, weekdays } from './plan-time.ts';
export type { CalendarAnchor, PlanTime } from './plan-time.ts';
export { suggestion } from './suggest.ts';
export { durationSchema, percentageSchema, planTimeSchema } from './setting-schemas.ts';
export type {
  GateVocabulary,
  GroupShare,
  ParameterValue,
  PlanFileTexts,
  StepNames,
  StepVocabulary,
  Vocabulary,
} from './vocabulary.ts';
