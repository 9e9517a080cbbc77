import type { Audience, Direction, EffectOutcome, RunStarted, Verdict } from './events.ts';
import type { Json, JsonObject } from './json.ts';

export type RunStatus = 'running' | 'completed' | 'rolling_back' | 'rolled_back' | 'rollback_failed';

export type StepStatus = 'pending' | 'running' | 'completed' | 'failed' | 'undoing' | 'undone';

/** All that the journal tells: the fold of its entries, and nothing else. */
export interface JournalState {
  readonly headSeq: number;
  /** The newest run; null before the first. */
  readonly run: RunState | null;
  /** Switched off by an operator; a kill outlives the run in which it was given. */
  readonly killedFlags: readonly string[];
  /** By flag and targeting key; like a kill, they outlive the run. */
  readonly overrides: Readonly<Record<string, Readonly<Record<string, 'on' | 'off'>>>>;
  readonly flagsRevision: number;
  readonly flagsDigest: string;
}

/** One execution of a plan. */
export interface RunState {
  readonly runId: string;
  readonly status: RunStatus;
  readonly start: RunStarted;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  /** How often a controller took this run up, the first time included. */
  readonly controllerStarts: number;
  /** When the controller that leads now took it up; null before the first. */
  readonly controllerStartedAtMs: number | null;
  readonly phases: Readonly<Record<string, PhaseState>>;
  readonly steps: Readonly<Record<string, StepState>>;
  /** What this run itself has opened and set. What people have is more: see `settingsInForce`. */
  readonly exposures: Readonly<Record<string, readonly Audience[]>>;
  readonly parameters: Readonly<Record<string, number>>;
  /** What completed runs before this one have left. Taking this run back leaves it as it is. */
  readonly inherited: FlagSettings;
  /** What is known of the segments that flags were opened to, by name. */
  readonly segments: Readonly<Record<string, SegmentState>>;
  /** Last journalled verdict by `gate@watcher`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** When the last few fails began that were journalled, by `gate@watcher`, the newest last. */
  readonly failsToldAtMs: Readonly<Record<string, readonly number[]>>;
  readonly rollback: RollbackState | null;
  /** Oldest first; only the last can be open. */
  readonly pauses: readonly PauseState[];
  /** Steps that need not wait for the hour that they wait for now; each until it has moved on. */
  readonly waivedWaits: readonly string[];
}

/** A time in which nothing new began, in database time. */
export interface PauseState {
  readonly fromMs: number;
  /** Null: it lasts. */
  readonly toMs: number | null;
  readonly reason: string;
}

export interface SegmentState {
  /** As clients were told; null while a rollout's own look at it is the newest. */
  readonly size: number | null;
  /** Why it could not be looked who has joined. */
  readonly problem: string | null;
}

/** Who has which flag, and the numbers beside the flags. */
export interface FlagSettings {
  readonly exposures: Readonly<Record<string, SeededExposure>>;
  readonly parameters: Readonly<Record<string, number>>;
}

export interface SeededExposure {
  /** The name of the plan that opened the flag: it decides which people a percentage takes, also under later plans. */
  readonly seed: string;
  readonly audiences: readonly Audience[];
}

export interface PhaseState {
  readonly startedAtMs: number;
  readonly completedAtMs: number | null;
}

export interface RollbackState {
  /** Asked for by an operator, and not begun yet. */
  readonly requested: boolean;
  readonly reason: string;
  readonly startedAtMs: number;
  /** Undo begins only now, so that every client has let go of what it undoes. */
  readonly drainUntilMs: number;
  readonly failure: string | null;
}

export interface StepState {
  readonly status: StepStatus;
  readonly startedAtMs: number | null;
  /** 1 for the step of the run that was started first; several may start at one moment. 0: not started. */
  readonly startedNth: number;
  readonly finishedAtMs: number | null;
  /** Kept by the step type between its moves. */
  readonly data: Json;
  readonly waitingFor: string | null;
  /** When the last few reasons were journalled, the newest last. */
  readonly reasonsToldAtMs: readonly number[];
  readonly pendingEffect: PendingEffect | null;
  /** Of the last finished effect, until the step has moved on. */
  readonly outcome: EffectOutcome | null;
  /** Counts effects, so that every key is new. */
  readonly effectCount: number;
  readonly activeWorkMs: number;
  readonly summary: string | null;
  readonly facts: JsonObject;
}

export interface PendingEffect {
  readonly key: string;
  readonly direction: Direction;
  readonly kind: string;
  readonly input: Json;
}
