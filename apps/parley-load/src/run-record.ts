import { bodyHash } from './body-hash.ts';
import type { ClientLog } from './client-log.ts';
import type { Clock } from './clock.ts';
import type { Message } from './parley-shapes.ts';
import { RecentLatencies } from './recent-latencies.ts';
import { VIOLATION_KINDS, type Violation, type ViolationKind } from './violation.ts';
import type { Action } from './world.ts';

const LOGGED_VIOLATIONS = 2_000;
const RECENT_MS = 10_000;
/** A log-in takes long on purpose, and the others were never asked: on a live display they would say nothing true. */
const NOT_TIMED: ReadonlySet<Action> = new Set<Action>(['log_in', 'turned_away', 'hold_socket']);

export interface FinishedRequest {
  readonly action: Action;
  /** By our clock, as are all times given to this record. */
  readonly intendedMs: number;
  /** Now, if not given. */
  readonly finishedMs?: number;
  readonly ok: boolean;
  readonly status: number;
  readonly tries: number;
  readonly server: number;
  readonly error: string | undefined;
  readonly isWarmup: boolean;
}

/** Writes what happened into the log, and counts it for who watches. */
export class RunRecord {
  readonly recent = new RecentLatencies(RECENT_MS);
  readonly counts = { requests: 0, failed: 0, retries: 0 };
  readonly violations = new Map<ViolationKind, number>(VIOLATION_KINDS.map((kind) => [kind, 0]));
  readonly #known = new Set<string>();
  readonly #logged = new Set<string>();
  readonly #log: ClientLog;
  readonly #clock: Clock;

  constructor(log: ClientLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** @returns the latency in ms, from the intended time. */
  request(request: FinishedRequest): number {
    const { action, intendedMs, ok, status, tries, server, error, isWarmup } = request;
    const nowMs = request.finishedMs ?? this.#clock.nowMs();
    const ms = Math.round((nowMs - intendedMs) * 10) / 10;
    this.counts.requests += 1;
    this.counts.retries += Math.max(0, tries - 1);
    if (!ok) this.counts.failed += 1;
    if (!NOT_TIMED.has(action)) this.recent.add(nowMs, ms);
    this.#log.write({
      kind: 'request',
      at: this.#clock.toServerMs(intendedMs),
      action,
      ms,
      ok,
      status,
      tries,
      server,
      ...(error === undefined ? {} : { error }),
      ...(isWarmup ? { warmup: true } : {}),
    });
    return ms;
  }

  acknowledged(write: 'send' | 'edit' | 'delete', message: Message): void {
    this.#log.write({
      kind: 'ack',
      at: this.#now(),
      write,
      id: message.id,
      conversationId: message.conversationId,
      seq: message.seq,
      bodyHash: bodyHash(message.body),
      version: message.editVersion,
    });
  }

  /** Whoever compares the log with the database must allow this state too. */
  uncertain(write: 'edit' | 'delete', id: string, conversationId: string, body: string): void {
    this.#log.write({
      kind: 'uncertain',
      at: this.#now(),
      write,
      id,
      conversationId,
      bodyHash: bodyHash(body),
    });
  }

  /** The same fact seen by many people, or seen as a gap and as a lost message, is one violation. */
  report(violations: readonly Violation[]): void {
    for (const violation of violations) {
      const { violation: kind, conversationId, seq, id } = violation;
      const fact = `${kind} ${conversationId} ${seq}`;
      if (!this.#known.has(fact)) this.violations.set(kind, (this.violations.get(kind) ?? 0) + 1);
      this.#known.add(fact);
      const line = `${fact} ${id ?? ''}`;
      if (this.#logged.has(line) || this.#logged.size >= LOGGED_VIOLATIONS) continue;
      this.#logged.add(line);
      this.#log.write({ kind: 'violation', at: this.#now(), ...violation });
    }
  }

  socket(event: 'connected' | 'lost', server: number, reason?: string): void {
    const because = reason === undefined ? {} : { reason };
    this.#log.write({ kind: 'socket', at: this.#now(), event, server, ...because });
  }

  #now(): number {
    return this.#clock.toServerMs(this.#clock.nowMs());
  }
}
