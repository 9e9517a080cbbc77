import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject, TargetConnection } from '@crossfade/engine';
import { messageOf } from '../../target/sql-state.ts';
import type { BackfillJob } from '../backfill-job.ts';
import type { Pace } from '../worker/lead-ledger.ts';
import { decidePace, fullPace, inTheDark, type PaceState } from './decide-pace.ts';
import { readSignals, type Look } from './read-signals.ts';

/** A time in which it was slower than it could be, or stood still. */
interface SlowDown {
  readonly at: string;
  readonly reason: string;
  readonly forMs: number;
}

const mostKept = 50;
const longestNapMs = 250;
/** A server that has no room for a look may have it soon. */
const firstLookLimitMs = 5_000;

/** Looks every second how the database and people fare, and says how much of the time workers may be at work. */
export class Governor {
  readonly #job: BackfillJob;
  #state: PaceState = fullPace;
  #before: Look | null = null;
  #slowDowns: SlowDown[] = [];
  #count = 0;
  #pausedMs = 0;
  readonly #firstLook = Promise.withResolvers<void>();
  #hasLooked = false;

  constructor(job: BackfillJob) {
    this.#job = job;
    if (job.config.throttle === 'off') this.#looked();
  }

  get pace(): Pace {
    const { duty, pausedBecause } = this.#state;
    return { duty, pausedBecause };
  }

  /** In words, while something is in the way. */
  notes(): readonly string[] {
    const { pausedBecause, slowedBecause } = this.#state;
    const note = pausedBecause === null ? slowedBecause : `paused: ${pausedBecause}`;
    return note === null ? [] : [note];
  }

  async look(connection: TargetConnection): Promise<void> {
    const { context, config } = this.#job;
    const { throttle } = config;
    if (throttle === 'off') return;
    try {
      const look = await readSignals(connection, context.metrics, config.table, throttle, this.#before);
      const passedMs = this.#before === null ? 0 : look.nowMs - this.#before.nowMs;
      this.#before = look;
      const before = this.#state;
      this.#state = decidePace(before, look.signals, throttle, look.nowMs);
      this.#keep(before, look.nowMs, passedMs);
    } catch (error) {
      context.signal.throwIfAborted();
      // What was decided last holds; the next look may be luckier.
      const note = `cannot see how the database fares: ${messageOf(error)}`;
      context.report({ done: 0, total: null, unit: 'looks', note });
      if (this.#before === null) this.lose();
    }
    this.#looked();
  }

  /** Nobody looks for a while. A pause goes on; what is not paused goes no faster than in the dark. */
  lose(): void {
    if (this.#job.config.throttle !== 'off') this.#state = inTheDark(this.#state);
    this.#looked();
  }

  #looked(): void {
    this.#hasLooked = true;
    this.#firstLook.resolve();
  }

  /** Nothing is written before anybody knows whether it may be. */
  async #waitForFirstLook(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const limited = sleep(firstLookLimitMs, undefined, { signal: AbortSignal.any([signal, over.signal]) });
    // Ended early it has done its work.
    await Promise.race([this.#firstLook.promise, limited.catch(() => undefined)]);
    over.abort();
    signal.throwIfAborted();
    if (!this.#hasLooked) this.lose();
  }

  /** Waits out a pause. A batch that took so long is followed by as much rest as the pace asks for. */
  async waitForTurn(signal: AbortSignal, tookMs: number): Promise<void> {
    const { clock } = this.#job.context;
    if (!this.#hasLooked) await this.#waitForFirstLook(signal);
    const startedMs = clock.elapsedMs();
    for (;;) {
      const { duty, pausedBecause } = this.#state;
      const restMs = tookMs * (1 / duty - 1) - (clock.elapsedMs() - startedMs);
      if (pausedBecause === null && restMs < 1) return;
      // In pieces: meanwhile the pace may be another.
      await clock.sleep(pausedBecause === null ? Math.min(restMs, longestNapMs) : longestNapMs, signal);
    }
  }

  /** For the journal: how often and how long it was held up, and why, the newest of it. */
  facts(): JsonObject {
    return {
      slowdowns: this.#slowDowns.map((one) => ({ ...one, forMs: Math.round(one.forMs) })),
      slowdownCount: this.#count,
      pausedMs: Math.round(this.#pausedMs),
    };
  }

  #keep(before: PaceState, nowMs: number, passedMs: number): void {
    if (before.pausedBecause !== null) this.#pausedMs += passedMs;
    const held = before.pausedBecause !== null || before.duty < 1;
    const last = this.#slowDowns.at(-1);
    if (held && last) this.#slowDowns[this.#slowDowns.length - 1] = { ...last, forMs: last.forMs + passedMs };
    const [note = null] = this.notes();
    const kind = (text: string | null): string => text?.replaceAll(/[\d.,]+/g, '') ?? '';
    const isNew = note !== null && (!held || kind(note) !== kind(last?.reason ?? null));
    if (!isNew) return;
    this.#count += 1;
    this.#slowDowns = [
      ...this.#slowDowns,
      { at: new Date(nowMs).toISOString(), reason: note, forMs: 0 },
    ].slice(-mostKept);
  }
}
