import type { Clock } from '@crossfade/engine';

/** What a statement may still take, in ms; never 0, which Postgres reads as "for ever". */
interface StatementLimits {
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

interface HoldSettings {
  readonly lock_timeout: number;
  readonly hold_timeout: number;
  readonly statement_timeout: number;
}

/**
 * For how long people may queue behind one transaction: from when it first asks for a lock that keeps them out, until it
 * has given all its locks back. A time limit for each statement would not do: while a later statement waits or works, the
 * locks of the earlier ones are held, so that the limits would add up. So there is one deadline for waiting and one for all.
 */
export class HoldLimit {
  readonly #clock: Clock;
  readonly #settings: HoldSettings;
  #sinceMs: number | null = null;

  constructor(clock: Clock, settings: HoldSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** What the next statement may take. `keepsOut`: whether it asks for locks that others queue behind. */
  next(keepsOut: boolean): StatementLimits {
    const { lock_timeout, hold_timeout, statement_timeout } = this.#settings;
    if (keepsOut) this.#sinceMs ??= this.#clock.elapsedMs();
    if (this.#sinceMs === null) return { lockTimeoutMs: lock_timeout, statementTimeoutMs: statement_timeout };
    const spentMs = this.#clock.elapsedMs() - this.#sinceMs;
    const restMs = Math.min(lock_timeout + hold_timeout - spentMs, statement_timeout);
    return {
      lockTimeoutMs: Math.max(1, Math.round(Math.min(lock_timeout - spentMs, restMs))),
      statementTimeoutMs: Math.max(1, Math.round(restMs)),
    };
  }

  /** Whether people are kept out at this moment. */
  get isHolding(): boolean {
    return this.#sinceMs !== null;
  }
}
