import type { RunRecord } from './run-record.ts';

const TELL_PARENT_EVERY_MS = 500;
const PRINT_EVERY_MS = 5_000;

export type Phase = 'logging-in' | 'running' | 'verifying' | 'done';

/** What a parent process is told over its channel. Percentiles are over the last 10 s; null: nothing happened. */
export interface ProgressMessage {
  readonly type: 'progress';
  readonly phase: Phase;
  /** How many are logged in. */
  readonly people: number;
  readonly requests: number;
  readonly failed: number;
  readonly retries: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly requestsPerSecond: number;
}

/** Tells how it goes: the parent process, if there is one that listens, else whoever reads standard error. */
export class Progress {
  phase: Phase = 'logging-in';
  people = 0;
  readonly #record: RunRecord;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;

  constructor(record: RunRecord, nowMs: () => number) {
    this.#record = record;
    this.#nowMs = nowMs;
    this.#timer = setInterval(() => void this.tell(), hasParent() ? TELL_PARENT_EVERY_MS : PRINT_EVERY_MS);
  }

  enter(phase: Phase): void {
    this.phase = phase;
    void this.tell();
  }

  ready(): void {
    if (hasParent()) void sendToParent({ type: 'ready' });
  }

  /** The last word; settled once it is on its way. */
  async finish(): Promise<void> {
    this.phase = 'done';
    await this.tell();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async tell(): Promise<void> {
    const now = this.#now();
    if (hasParent()) await sendToParent(now);
    else process.stderr.write(`${describe(now)}\n`);
  }

  #now(): ProgressMessage {
    const { phase, people } = this;
    return {
      type: 'progress',
      phase,
      people,
      ...this.#record.counts,
      ...this.#record.recent.summary(this.#nowMs()),
    };
  }
}

function hasParent(): boolean {
  return process.send !== undefined && process.connected;
}

function sendToParent(message: ProgressMessage | { type: 'ready' }): Promise<void> {
  // A parent that goes away meanwhile is noticed by the channel's end, not by an undelivered message.
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

function describe({
  phase,
  people,
  requests,
  failed,
  retries,
  p50Ms,
  p95Ms,
  requestsPerSecond,
}: ProgressMessage) {
  const latency = p50Ms === null ? '' : `, half within ${p50Ms} ms, 95 % within ${p95Ms} ms`;
  const counts = `${requests} requests (${requestsPerSecond}/s), ${failed} failed, ${retries} retries`;
  return `${phase}: ${people} people, ${counts}${latency}`;
}
