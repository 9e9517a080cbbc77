import { setTimeout as sleep } from 'node:timers/promises';

/** What every byte has to pass: open, held up for a while, or closed. */
export class Valve {
  #delayMs = 0;
  #closed: PromiseWithResolvers<void> | undefined;

  stall(): void {
    this.#closed ??= Promise.withResolvers();
  }

  slow(delayMs: number): void {
    this.open();
    this.#delayMs = delayMs;
  }

  open(): void {
    this.#delayMs = 0;
    this.#closed?.resolve();
    this.#closed = undefined;
  }

  /** Resolves when the bytes at hand may go on. */
  async pass(): Promise<void> {
    if (this.#delayMs > 0) await sleep(this.#delayMs);
    await this.whenOpen();
  }

  /** For bytes that have passed and were held since then: resolves when nothing is closed before them. */
  async whenOpen(): Promise<void> {
    while (this.#closed) await this.#closed.promise;
  }
}
