import type { Json, JsonObject } from './json.ts';

/**
 * Everything that can happen to a run, as the journal keeps it. State is the fold of these; nothing else is remembered.
 * Times are database times in ms since 1970.
 */
export type RunEvent =
  | RunStarted
  | { readonly type: 'controller.started'; readonly holder: string; readonly token: number }
  | { readonly type: 'phase.started'; readonly phase: string }
  | { readonly type: 'phase.completed'; readonly phase: string }
  | { readonly type: 'step.started'; readonly step: string }
  | { readonly type: 'step.progressed'; readonly step: string; readonly state: Json; readonly note: string }
  | {
      readonly type: 'step.completed';
      readonly step: string;
      readonly summary: string;
      readonly facts: JsonObject;
    }
  | { readonly type: 'step.failed'; readonly step: string; readonly reason: string }
  | { readonly type: 'step.undo_started'; readonly step: string }
  | { readonly type: 'step.undone'; readonly step: string; readonly summary: string }
  | { readonly type: 'step.waiting'; readonly step: string; readonly reason: string }
  | EffectRequested
  | { readonly type: 'effect.finished'; readonly key: string; readonly outcome: EffectOutcome }
  | { readonly type: 'effect.abandoned'; readonly key: string; readonly reason: string }
  | {
      readonly type: 'exposure.changed';
      readonly flag: string;
      readonly audiences: readonly Audience[];
      readonly reason: string;
    }
  | {
      readonly type: 'parameter.changed';
      readonly parameter: string;
      readonly value: number;
      readonly reason: string;
    }
  | { readonly type: 'flag.killed'; readonly flag: string; readonly reason: string }
  | { readonly type: 'flag.enabled'; readonly flag: string; readonly reason: string }
  /** For one person, whatever the plan says: by an operator. Lasts until it is cleared, also under later plans. */
  | OverrideSet
  | {
      readonly type: 'override.cleared';
      readonly flag: string;
      readonly targetingKey: string;
      readonly reason: string;
    }
  /** More people are in a segment than its members that clients know: they are told. */
  | { readonly type: 'segment.grown'; readonly segment: string; readonly size: number }
  /** It could not be looked who has joined; whoever is in stays in. `null`: it can again. */
  | { readonly type: 'segment.trouble'; readonly segment: string; readonly problem: string | null }
  | { readonly type: 'flags.published'; readonly revision: number; readonly digest: string }
  | {
      readonly type: 'gate.judged';
      readonly gate: string;
      readonly watcher: string;
      readonly verdict: Verdict;
    }
  /** Given by operators: nothing new begins and nothing is promoted until `run.resumed`. */
  | { readonly type: 'run.paused'; readonly reason: string }
  | { readonly type: 'run.resumed'; readonly reason: string }
  /** Given by operators: this step need not wait any longer for the hour it waits for now. Gates are never waived. */
  | { readonly type: 'wait.waived'; readonly step: string; readonly wait: string; readonly reason: string }
  | { readonly type: 'rollback.requested'; readonly reason: string }
  /** The drain begins with this entry, which is when the flags went off: not when it was decided. */
  | { readonly type: 'rollback.started'; readonly reason: string; readonly drainMs: number }
  | { readonly type: 'rollback.completed' }
  | { readonly type: 'rollback.failed'; readonly step: string; readonly reason: string }
  | { readonly type: 'run.completed' };

export interface OverrideSet {
  readonly type: 'override.set';
  readonly flag: string;
  readonly targetingKey: string;
  readonly value: 'on' | 'off';
  readonly reason: string;
}

export interface RunStarted {
  readonly type: 'run.started';
  readonly plan: string;
  readonly planDigest: string;
  /** Plan time runs this many times as fast as real time. */
  readonly speed: number;
  /** The Monday of week 1, as a date. */
  readonly week1IsoDate: string;
  /** Plan time at the start: ms since 00:00 of the Monday of week 1. */
  readonly planStartOffsetMs: number;
}

export interface EffectRequested {
  readonly type: 'effect.requested';
  /** Unique in the journal: performing the same key twice must do the work once. */
  readonly key: string;
  readonly step: string;
  readonly direction: Direction;
  readonly kind: string;
  readonly input: Json;
}

export type Direction = 'forward' | 'undo';

export type EffectOutcome =
  | {
      readonly status: 'succeeded';
      readonly result: Json;
      readonly activeMs: number;
      readonly attempts: number;
    }
  | {
      readonly status: 'failed';
      readonly error: string;
      readonly activeMs: number;
      readonly attempts: number;
    };

/** Who a flag is on for: a share of a segment (null: of everybody). Several audiences are joined (union). */
export interface Audience {
  readonly segment: string | null;
  readonly percentage: number;
  /** Share of the segment that stays off; none when it is not told. */
  readonly holdBack?: number | undefined;
}

export type VerdictStatus = 'pass' | 'fail' | 'inconclusive' | 'invalid';

/** What a gate says. Only `pass` promotes; only `fail` is harm. */
export interface Verdict {
  readonly status: VerdictStatus;
  /** One sentence with number, comparison, limit and sample size. */
  readonly evidence: string;
  readonly value: number | null;
  readonly limit: number | null;
  readonly samples: number;
  /** The real-time window that was measured. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface EventDraft {
  readonly runId: string;
  /** Who: `controller`, or the name of the person who gave the command. */
  readonly actor: string;
  readonly event: RunEvent;
}

/** One row of the journal. `hash` = SHA-256(domain ‖ seq ‖ previous ‖ canonical JSON of the rest), in hex. */
export interface JournalEntry extends EventDraft {
  readonly seq: number;
  readonly atMs: number;
  readonly previous: string;
  readonly hash: string;
}
