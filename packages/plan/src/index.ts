export { describeDurationMs, parseDurationMs } from './duration.ts';
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
export { describeOffset, parsePlanTime, planTimeOffsetMs, weekdays } from './plan-time.ts';
export type { CalendarAnchor, PlanTime } from './plan-time.ts';
export { durationSchema, percentageSchema, planTimeSchema } from './setting-schemas.ts';
