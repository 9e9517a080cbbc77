import { Refused } from '../api/request.ts';
import type { Message } from '../api/types.ts';
import type { Pending } from './pending.ts';

/** Where pending messages outlive the page. */
interface PendingStore {
  all(): Promise<readonly Pending[]>;
  put(pending: Pending): Promise<void>;
  remove(clientId: string): Promise<void>;
}

export interface OutboxOptions {
  readonly store: PendingStore;
  readonly send: (pending: Pending) => Promise<Message>;
  readonly onSent: (message: Message) => void;
  /** Runs the work of one tab at a time, so that two tabs do not send the same messages in two orders. */
  readonly exclusively: (work: () => Promise<void>) => Promise<void>;
  /** Tells the other tabs that the store has changed. */
  readonly tellOthers: () => void;
  /** Resolves after so long, or as soon as somebody wants it tried again. */
  readonly pause: (ms: number) => Promise<void>;
}

export interface OutboxState {
  readonly pending: readonly Pending[];
  /** The server could not be reached at the last attempt. */
  readonly isStuck: boolean;
  /** This device does not keep what is written: it would be lost with the page. */
  readonly isForgetful: boolean;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Messages on their way to the server, in the order in which they were written. They are kept on this device until the server has
 * acknowledged them, and each carries the id by which it is stored once, however often it is sent. What the server refuses waits
 * for its author; what it could not be asked is tried again, for as long as it takes.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #listeners = new Set<() => void>();
  #state: OutboxState = { pending: [], isStuck: false, isForgetful: false };
  /** Written, and not yet kept. */
  readonly #onTheirWay = new Set<string>();
  #isRunning = false;
  #isAgain = false;
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): OutboxState => this.#state;

  /** Takes up what an earlier page, or another tab, has left. */
  async reload(): Promise<void> {
    try {
      const stored = await this.#options.store.all();
      const known = new Set(stored.map(({ clientId }) => clientId));
      // Those that are not in the store yet, or never will be, are ours alone.
      const ours = this.#state.pending.filter(
        ({ clientId }) => !known.has(clientId) && (this.#state.isForgetful || this.#onTheirWay.has(clientId)),
      );
      this.#set({ pending: [...stored, ...ours].toSorted((a, b) => a.writtenAtMs - b.writtenAtMs) });
    } catch {
      // A browser that keeps nothing, as in some private windows: what is written stands in memory.
      this.#set({ isForgetful: true });
    }
    this.#start();
  }

  async add(pending: Pending): Promise<void> {
    this.#onTheirWay.add(pending.clientId);
    this.#set({ pending: [...this.#state.pending, pending] });
    await this.#keep(pending);
    this.#onTheirWay.delete(pending.clientId);
    // A quick server may have it before it was kept here.
    if (!this.#state.pending.some(({ clientId }) => clientId === pending.clientId))
      await this.#forget(pending.clientId);
    this.#start();
  }

  /** Once more, with the same id. */
  async retry(clientId: string): Promise<void> {
    const found = this.#state.pending.find((one) => one.clientId === clientId);
    if (found === undefined) return;
    const { refusal: _, ...again } = found;
    this.#replace(again);
    await this.#keep(again);
    this.#start();
  }

  async discard(clientId: string): Promise<void> {
    await this.#forget(clientId);
  }

  close(): void {
    this.#isClosed = true;
  }

  #start(): void {
    this.#isAgain = true;
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      await this.#options.exclusively(async () => {
        while (this.#isAgain && !this.#isClosed) {
          this.#isAgain = false;
          await this.#sendAll();
        }
      });
    } finally {
      this.#isRunning = false;
    }
    if (this.#isAgain && !this.#isClosed) this.#start();
  }

  async #sendAll(): Promise<void> {
    let pauseMs = firstPauseMs;
    for (;;) {
      const next = this.#state.pending.find(({ refusal }) => refusal === undefined);
      if (next === undefined || this.#isClosed) break;
      try {
        const message = await this.#options.send(next);
        this.#options.onSent(message);
        await this.#forget(next.clientId);
        this.#set({ isStuck: false });
        pauseMs = firstPauseMs;
      } catch (error) {
        const wait = await this.#fail(next, error);
        if (wait === undefined) continue;
        // Whoever comes after us must not wait for our pause.
        if (this.#isClosed) break;
        await this.#options.pause(Math.max(wait, pauseMs));
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      }
    }
    this.#set({ isStuck: false });
  }

  /** How long to wait before the same message is tried again; undefined where it waits for its author. */
  async #fail(pending: Pending, error: unknown): Promise<number | undefined> {
    if (!(error instanceof Refused)) {
      this.#set({ isStuck: true });
      return firstPauseMs;
    }
    // Without a session it is the author who is asked to come back, not the message that is wrong.
    if (error.status === 401) return longestPauseMs;
    if (error.status === 429) return error.retryAfterMs ?? firstPauseMs;
    const refused = { ...pending, refusal: error.message };
    this.#replace(refused);
    await this.#keep(refused);
    return undefined;
  }

  #replace(changed: Pending): void {
    const pending = this.#state.pending.map((one) => (one.clientId === changed.clientId ? changed : one));
    this.#set({ pending });
  }

  async #keep(pending: Pending): Promise<void> {
    try {
      await this.#options.store.put(pending);
      this.#options.tellOthers();
    } catch {
      // The disk is full, or nothing may be stored: it is sent all the same, and the page says what a reload would lose.
      this.#set({ isForgetful: true });
    }
  }

  async #forget(clientId: string): Promise<void> {
    this.#set({ pending: this.#state.pending.filter((one) => one.clientId !== clientId) });
    try {
      await this.#options.store.remove(clientId);
      this.#options.tellOthers();
    } catch {
      // It would be sent once more after a reload, and stored once.
      this.#set({ isForgetful: true });
    }
  }

  #set(changed: Partial<OutboxState>): void {
    this.#state = { ...this.#state, ...changed };
    this.#listeners.forEach((listener) => listener());
  }
}
