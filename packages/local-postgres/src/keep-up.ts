import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clearLeftOvers, endServer, killServer } from './left-over-server.ts';
import { reasonOf } from './reason-of.ts';
import { startServer } from './start-server.ts';
import type { RunningServer, ServerStart } from './start-server.ts';

/** A server that ended by itself was started again: the same data, port and password. */
export type Restart = {
  /** How it ended, for instance `exit code 137`. */
  how: string;
  /** The new postmaster. */
  pid: number;
  /** From its end until it answered again. */
  tookMs: number;
  /** 1 for the first time in a row; a server that stayed up for 10 s begins a new row. */
  attempt: number;
};

export type KeepUp = {
  /** As soon as its end is seen. */
  onDeath?: (how: string) => void;
  onRestart?: (restart: Restart) => void;
  /** After 5 attempts in a row; nothing is started any more. */
  onGivenUp?: (error: Error) => void;
};

const MOST_ATTEMPTS = 5;
const STEADY_MS = 10_000;
const FIRST_PAUSE_MS = 50;
/** As a server that was asked to stop ends. */
const IN_GOOD_ORDER = 'exit code 0';
/** A shutdown in good order may take this long, then one that leaves work to the next start, then SIGKILL. */
const STOP_PATIENCE = { fastMs: 1600, immediateMs: 500 };

/** A running server, and whatever replaces it when it dies. */
export class KeptServer {
  readonly #start: ServerStart;
  readonly #keepUp: KeepUp | undefined;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #running: RunningServer;

  constructor(start: ServerStart, running: RunningServer, keepUp: KeepUp | undefined) {
    this.#start = start;
    this.#running = running;
    this.#keepUp = keepUp;
    this.#watching = this.#watch();
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** Ends the server in at most about 3 s, however stuck it is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const { keeper, pid } = this.#running;
    const ended = keeper.stop();
    await endServer(pid, this.#start.data, STOP_PATIENCE);
    await Promise.all([ended, this.#watching]);
  }

  /** Ends the server at once, without waiting; what was committed is safe. */
  kill(): void {
    this.#stopping.abort();
    killServer(this.#start.data);
  }

  async #watch(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const upSinceMs = performance.now();
      const how = await this.#running.keeper.ended;
      if (this.#stopping.signal.aborted) return;
      const log = path.join(this.#start.directory, 'server.log');
      this.#start.log(`Postgres ${this.pid} has ended by itself (${how}), see ${log}.`);
      if (this.#keepUp === undefined) return;
      if (how === IN_GOOD_ORDER)
        this.#start.log('Somebody has stopped it, but it is needed here: end this run to end it too.');
      this.#keepUp.onDeath?.(how);
      if (performance.now() - upSinceMs >= STEADY_MS) attempt = 1;
      const next = await this.#restart(this.#keepUp, how, attempt);
      if (next === undefined) return;
      attempt = next;
    }
  }

  /** The attempt that succeeded; `undefined` when none did, or none is wanted any more. */
  async #restart(keepUp: KeepUp, how: string, firstAttempt: number): Promise<number | undefined> {
    const downSinceMs = performance.now();
    let reason = how;
    for (let attempt = firstAttempt; attempt <= MOST_ATTEMPTS; attempt += 1) {
      try {
        await delay(FIRST_PAUSE_MS * 3 ** (attempt - 1), undefined, { signal: this.#stopping.signal });
        await this.#startAgain();
        const { pid } = this.#running;
        keepUp.onRestart?.({ how, pid, tookMs: performance.now() - downSinceMs, attempt });
        return attempt;
      } catch (error) {
        if (this.#stopping.signal.aborted) return undefined;
        reason = reasonOf(error);
      }
    }
    keepUp.onGivenUp?.(
      new Error(
        `Postgres ended ${MOST_ATTEMPTS} times in a row and is not started any more: ${reason}\n` +
          `Read ${path.join(this.#start.directory, 'server.log')}: usually the disk or the memory is full, or another program has taken its port.`,
      ),
    );
    return undefined;
  }

  async #startAgain(): Promise<void> {
    const { log, data } = this.#start;
    await clearLeftOvers(data, log);
    const running = await startServer({
      ...this.#start,
      port: this.#running.port,
      signal: this.#stopping.signal,
    });
    this.#running = running;
    if (!this.#stopping.signal.aborted) return;
    await running.keeper.stop(); // Whoever stopped us did not see this one.
    throw new Error('nothing is started any more');
  }
}
