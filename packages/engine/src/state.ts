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
  readonly phases: Readonly<Record<string, PhaseState>>;
  readonly steps: Readonly<Record<string, StepState>>;
  readonly exposures: Readonly<Record<string, readonly Audience[]>>;
  readonly parameters: Readonly<Record<string, number>>;
  /** Last journalled verdict by `gate@watcher`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly rollback: RollbackState | null;
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
  readonly finishedAtMs: number | null;
  /** Kept by the step type between its moves. */
  readonly data: Json;
  readonly waitingFor: string | null;
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
