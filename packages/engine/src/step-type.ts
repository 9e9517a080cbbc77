import type { Group, PlanTime, Segment, Step } from '@crossfade/plan';
import type { ZodType } from 'zod';
import type { Audience, EffectOutcome, Verdict } from './events.ts';
import type { Json, JsonObject } from './json.ts';
import type { Clock, ControlStore, Metrics, Notifier, PlanFiles, Random, Target } from './ports.ts';

/**
 * One kind of step. `forward` and `undo` are pure: they look at a view and say the next move; `perform` does what they ask
 * of the world. Every effect may be performed twice, or be cut off at any point and performed again.
 */
export interface StepType<Config> {
  readonly type: string;
  /** One paragraph for the reference page. */
  readonly about: string;
  readonly configSchema: ZodType<Config>;
  /** `contract` is the point of no return. */
  readonly reversibility: 'reversible' | 'nothing-to-undo' | 'contract';
  /** Its work is cut off when the run is paused, and goes on from there afterwards. Other work under way is let finish. */
  readonly stopsWhenPaused?: boolean;
  /** What it will do, for people: one sentence. */
  describe(config: Config): string;
  /** What the plan must contain for this step to work: checked before anything runs. */
  references(config: Config): StepReferences;
  /** Problems that only the files and the settings together show, such as a missing undo. */
  lint(config: Config, files: PlanFiles): readonly string[];
  /** Gates that must be measured now, and from when on. */
  watches(view: StepView<Config>): readonly Watch[];
  forward(view: StepView<Config>): StepMove;
  undo(view: StepView<Config>): StepMove;
  perform(effect: EffectCall<Config>, context: PerformContext): Promise<Json>;
}

export interface StepReferences {
  readonly files: readonly string[];
  readonly gates: readonly string[];
  readonly flags: readonly string[];
  readonly groups: readonly string[];
  readonly parameters: readonly string[];
  /** Steps that must be done before, and of what type they must be. */
  readonly steps?: readonly { readonly id: string; readonly type: string }[];
}

export interface Watch {
  readonly gate: string;
  readonly sinceMs: number;
}

/** What a step may look at when it decides. */
export interface StepView<Config> {
  readonly stepId: string;
  readonly config: Config;
  /** `null` at first; then what the last `progress` move left. */
  readonly data: Json;
  /** Of the effect asked for by the last move; null when none has finished since. */
  readonly outcome: EffectOutcome | null;
  /** Real (database) time. */
  readonly nowMs: number;
  readonly startedAtMs: number;
  /** Plan time: ms since 00:00 of the Monday of week 1. */
  readonly planNowMs: number;
  readonly speed: number;
  /** An operator has said that the hour of the calendar or the end of a bake that this step waits for is not to be waited for. */
  readonly waitIsWaived: boolean;
  /** How much of the real time since `sinceMs` the run was paused: time in which nobody meant to be watching. */
  pausedMsSince(sinceMs: number): number;
  /** Since when, in real time, the controller that leads now has been at it: before, perhaps nobody was. */
  readonly ledSinceMs: number;
  /** Plan time of a moment of the calendar. */
  planTimeMs(time: PlanTime): number;
  group(id: string): Group;
  /** The fresh verdict of a watched gate; undefined while nothing has been measured. */
  verdict(gate: string): Verdict | undefined;
  /** Since when a watched gate has failed without a break (a pause is one), in real time; null while it does not fail. */
  failingSinceMs(gate: string): number | null;
  readonly killedFlags: readonly string[];
  readonly exposures: Readonly<Record<string, readonly Audience[]>>;
  readonly parameters: Readonly<Record<string, number>>;
}

export type StepMove =
  /** Do something in the world; `view.outcome` then tells how it went. */
  | {
      readonly move: 'effect';
      readonly kind: string;
      readonly input: Json;
      readonly data: Json;
      readonly note: string;
    }
  /** Remember something, and change what people see. The step is asked again at once. */
  | {
      readonly move: 'progress';
      readonly data: Json;
      readonly note: string;
      readonly changes: readonly StepChange[];
    }
  /** Nothing to do until then (whichever comes first), or until a verdict or an operator changes something. */
  | {
      readonly move: 'wait';
      readonly reason: string;
      readonly untilMs: number | null;
      readonly untilPlanMs: number | null;
    }
  | { readonly move: 'done'; readonly summary: string; readonly facts: JsonObject }
  /** The run is taken back. */
  | { readonly move: 'fail'; readonly reason: string };

export type StepChange =
  | { readonly change: 'exposure'; readonly flag: string; readonly audiences: readonly Audience[] }
  | { readonly change: 'parameter'; readonly parameter: string; readonly value: number };

export interface EffectCall<Config> {
  readonly key: string;
  readonly kind: string;
  readonly input: Json;
  readonly config: Config;
}

export interface PerformContext {
  readonly runId: string;
  /** The plan's own name: two plans may call their files the same. */
  readonly planName: string;
  readonly stepId: string;
  /** Those that come after this one in the plan: what they do to what this one has made is as the plan wants it. */
  readonly laterSteps: readonly Step[];
  /** The leader's fencing token: what is written beside the data must carry it. */
  readonly token: number;
  /** Aborted when the run is taken back or this controller no longer leads. */
  readonly signal: AbortSignal;
  readonly speed: number;
  readonly files: PlanFiles;
  readonly segments: Readonly<Record<string, Segment>>;
  readonly target: Target;
  readonly store: Pick<ControlStore, 'addSegmentMembers'>;
  readonly metrics: Metrics;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly random: Random;
  /** Progress for people; not journalled, may be lost. */
  report(progress: Progress): void;
}

export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly unit: string;
  readonly note: string;
}

/** Ends the work at once. Any other error of `perform` is retried, with back-off, a limited number of times. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}
