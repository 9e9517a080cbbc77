import type { PlanTime } from './plan-time.ts';

/**
 * What a plan says, parsed and with all defaults filled in. Plain, frozen data: it can be written as JSON and read back.
 * Settings of steps and gates stay as their types parsed them (durations in ms, percentages as 0…100).
 */
export interface Plan {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly calendar: Calendar;
  readonly segments: Readonly<Record<string, Segment>>;
  readonly groups: Readonly<Record<string, Group>>;
  readonly flags: Readonly<Record<string, FlagDeclaration>>;
  readonly parameters: Readonly<Record<string, ParameterDeclaration>>;
  readonly gates: Readonly<Record<string, GateDeclaration>>;
  /** Gates that watch all the time: a fail of one takes the run back. */
  readonly guardrails: readonly string[];
  readonly success: readonly SuccessCriterion[];
  readonly phases: readonly Phase[];
}

export interface Calendar {
  readonly weeks: number;
  /** Plan time at which a run starts, unless it runs in real time. */
  readonly start: PlanTime;
  /** Time of day of a step whose `at` names only a day; minutes after midnight. */
  readonly defaultMinuteOfDay: number;
}

/** A rule for an audience: SQL on the target that returns one column of targeting keys (user ids). */
export interface Segment {
  readonly title: string;
  readonly sql: string;
  /** Plan time after which it is looked again who has joined, while a flag is open to the segment. */
  readonly refreshMs: number;
  /** In the planner's own units: a query that would cost more is not run on the live database. */
  readonly maxCost: number;
}

/** Segment + percentage + date. `segment: null` means everybody. */
export interface Group {
  readonly title: string;
  readonly segment: string | null;
  readonly percentage: number;
  /** Share of the segment that stays off, to compare the others with. */
  readonly holdBack: number;
  readonly at: PlanTime | null;
}

export interface FlagDeclaration {
  readonly title: string;
  readonly description: string;
}

/** A number that the application reads beside its flags, such as the share of query keys that may be cached. */
export interface ParameterDeclaration {
  readonly title: string;
  readonly description: string;
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface GateDeclaration {
  readonly type: string;
  readonly title: string;
  readonly config: unknown;
}

/** What the team promised to reach. Without a gate it is reported as "not measured", never as reached. */
export interface SuccessCriterion {
  readonly id: string;
  readonly title: string;
  readonly target: string;
  readonly gate: string | null;
  readonly note: string;
}

export interface Phase {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  /** Earliest plan time; null: as soon as its phase has begun and `after` is done. */
  readonly at: PlanTime | null;
  /** Steps of the same phase that must be done before. */
  readonly after: readonly string[];
  /** What people are told while it is at work. */
  readonly notice: StepNotice | null;
  /** Parsed by the step type's schema. */
  readonly config: unknown;
}

interface StepNotice {
  readonly title: string;
  readonly text: string;
}
