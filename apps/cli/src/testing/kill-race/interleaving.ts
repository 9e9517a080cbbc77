import { setImmediate as untilAllWait } from 'node:timers/promises';
import type { AppendAnswer, AppendRequest, Clock, ControlStore } from '@crossfade/engine';
import type { Seeded } from '../faults/seeded.ts';

/** Where an actor stands: right before a call of the store, or right after it. */
export interface Place {
  readonly actor: string;
  readonly call: 'now' | 'lease' | 'read' | 'append';
  readonly request?: AppendRequest;
  readonly answer?: AppendAnswer;
}

interface Waiting {
  readonly actor: string;
  readonly go: () => void;
}

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

const mostTurns = 20_000;
/** Of a turn in which time goes on although somebody could have moved. */
const hasteShare = 0.02;

/**
 * Controllers and operators over one store and one virtual clock. Each stands still before and after every call of the store,
 * and chance says who goes on: of the same seed in the same order.
 */
export class Interleaving {
  nowMs = 1_780_000_000_000;
  /** How likely an operator is to go on, where a controller could, too. */
  operatorShare = 0.5;
  readonly clock: Clock = {
    elapsedMs: () => this.nowMs,
    sleep: async (durationMs, signal) => await this.#sleep(durationMs, signal),
  };
  /** Told of every place before it is waited at. */
  onPlace: (place: Place) => void = () => undefined;
  readonly #random: Seeded;
  readonly #stalled = new Set<string>();
  readonly #sleepers = new Set<Sleeper>();
  #waiting: readonly Waiting[] = [];

  constructor(random: Seeded) {
    this.#random = random;
  }

  /** The store as this actor has it. */
  storeOf(actor: string, inner: ControlStore): ControlStore {
    const around = async <T>(call: Place['call'], work: () => Promise<T>): Promise<T> => {
      await this.#turn({ actor, call });
      const answer = await work();
      await this.#turn({ actor, call });
      return answer;
    };
    return {
      ...inner,
      now: async () => await around('now', async () => await inner.now()),
      takeLease: async (request) => await around('lease', async () => await inner.takeLease(request)),
      renewLease: async (token, ttlMs) =>
        await around('lease', async () => await inner.renewLease(token, ttlMs)),
      readJournal: async (afterSeq) => await around('read', async () => await inner.readJournal(afterSeq)),
      append: async (request) => {
        await this.#turn({ actor, call: 'append', request });
        const answer = await inner.append(request);
        await this.#turn({ actor, call: 'append', request, answer });
        return answer;
      },
    };
  }

  /** As a process that was stopped: it does not go on until it is resumed, and time does. */
  stall(actor: string): void {
    this.#stalled.add(actor);
  }

  resume(actor: string): void {
    this.#stalled.delete(actor);
  }

  /**
   * Until it is over, or everybody who has not come to an end is stalled.
   * @throws Error when it does not come to that.
   */
  async runUntil(isOver: () => boolean): Promise<void> {
    for (let turns = 0; turns < mostTurns; turns += 1) {
      await untilAllWait();
      if (isOver()) return;
      const ready = this.#waiting.filter(({ actor }) => !this.#stalled.has(actor));
      if (ready.length + this.#sleepers.size === 0) return;
      if (ready.length === 0 || this.#random.next() < hasteShare) this.#letTimePass();
      else this.#letGoOn(ready);
    }
    throw new Error(`it has not come to its end in ${mostTurns} turns`);
  }

  #letGoOn(ready: readonly Waiting[]): void {
    const wantsOperator = this.#random.next() < this.operatorShare;
    const preferred = ready.filter(({ actor }) => (actor === 'operator') === wantsOperator);
    const from = preferred.length > 0 ? preferred : ready;
    const chosen = from[this.#random.between(0, from.length - 1)];
    this.#waiting = this.#waiting.filter((one) => one !== chosen);
    chosen?.go();
  }

  #letTimePass(): void {
    const [first, ...more] = this.#sleepers;
    if (!first) return;
    const next = more.reduce((soonest, one) => (one.untilMs < soonest.untilMs ? one : soonest), first);
    this.nowMs = Math.max(this.nowMs, next.untilMs);
    next.wake();
  }

  async #turn(place: Place): Promise<void> {
    this.onPlace(place);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = [...this.#waiting, { actor: place.actor, go: resolve }];
    await promise;
  }

  async #sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { untilMs: this.nowMs + Math.max(0, durationMs), wake: resolve };
    const leave = (): void => reject(new DOMException('woken', 'AbortError'));
    this.#sleepers.add(sleeper);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener('abort', leave);
    }
  }
}
