export {
  bindPlan,
  stepsAfter,
  type BoundGate,
  type BoundPlan,
  type BoundStep,
  type GateCatalog,
  type StepCatalog,
} from './bind.ts';
export { chainEntries, chainHash, entryBody, genesisHash, verifyChain, type ChainCheck } from './chain.ts';
export { decide, drainMs, type Decision, type Observations, type SegmentLook } from './decide.ts';
export type * from './events.ts';
export { emptyJournal, foldJournal, applyEvent, stepOf } from './fold.ts';
export { noFlagUse, type FlagLoss, type FlagUse, type FlagUseSpan } from './flag-use.ts';
export type { GateType, MeasureWindow } from './gate-type.ts';
export { canonicalJson, type Json, type JsonObject } from './json.ts';
export { currentPause } from './pauses.ts';
export { planClock, type PlanClock } from './plan-clock.ts';
export type * from './ports.ts';
export { segmentsInUse } from './segments-in-use.ts';
export { noSettings, settingsInForce } from './settings-in-force.ts';
export type * from './state.ts';
export {
  TerminalError,
  type EffectCall,
  type PerformContext,
  type Progress,
  type StepChange,
  type StepMove,
  type StepReferences,
  type StepType,
  type StepView,
  type Watch,
} from './step-type.ts';
export { guardrail, watchesOf, type GateWatch } from './watches.ts';
export { waitsOf, type StepWait } from './waits.ts';
export { estimateQuantile } from './estimate-quantile.ts';
