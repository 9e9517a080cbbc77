import type {
  BoundPlan,
  Clock,
  ControlStore,
  JournalState,
  Metrics,
  Notifier,
  Random,
  Target,
  Verdict,
} from '@crossfade/engine';
import type { EffectReport } from './effect-runner.ts';
import type { EffectRetry } from './perform-with-retries.ts';

export interface ControllerOptions {
  readonly store: ControlStore;
  /** Must be the plan that the run was started with: same digest. */
  readonly bound: BoundPlan;
  readonly target: Target;
  readonly metrics: Metrics;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique to this process: who holds the lease. */
  readonly holder: string;
  /** How long the lease outlives its holder. Default 6,000. */
  readonly leaseTtlMs?: number;
  /** Aborted: stop, leave the run as it is for the next controller. */
  readonly signal: AbortSignal;
  readonly effectRetry?: EffectRetry;
  /** Called after every tick and while waiting for the lease, for a live display. Must not throw. */
  observe?(snapshot: ControllerSnapshot): void;
}

export interface ControllerEnd {
  /**
   * `stopped`: the signal was aborted. `lost_lease`: another controller may lead by now; the caller may call again, and
   * waits until that one is gone. The others are the run's own ends.
   */
  readonly status: 'completed' | 'rolled_back' | 'rollback_failed' | 'stopped' | 'lost_lease';
  /** Null when it was stopped before it saw the journal. */
  readonly runId: string | null;
}

export interface ControllerSnapshot {
  readonly leadership: Leadership;
  readonly journal: JournalState;
  /** Database time; null before the first tick. */
  readonly nowMs: number | null;
  /** Of this tick, by `gate@watcher`. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** Why each step that is not moving waits. */
  readonly waiting: Readonly<Record<string, string>>;
  readonly effects: readonly EffectReport[];
  /** What keeps the controller itself from working, such as an unreachable database; it goes on trying. */
  readonly problem: string | null;
  /** One sentence: what everything waits for now. */
  readonly waitsFor: string;
}

export type Leadership =
  | { readonly status: 'asking' }
  | { readonly status: 'waiting'; readonly holder: string; readonly expiresInMs: number }
  | { readonly status: 'leading'; readonly token: number };
