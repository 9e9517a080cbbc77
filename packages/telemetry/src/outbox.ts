import { BatchRefusedError } from './batch.ts';
import type { TelemetryBatch, TelemetrySink } from './batch.ts';

/** A batch as it was filled, for as long as it has not arrived. */
export interface Letter {
  /** Ages grow while it waits: it is written anew for each try. */
  write(): TelemetryBatch;
  /** How many pieces of news are lost with it. */
  readonly size: number;
}

/** Sends one batch after the other, and keeps the newest while nobody takes them. */
export interface Outbox {
  post(letter: Letter): void;
  /** Sends what waits, until one is not taken. Never rejects. */
  send(): Promise<void>;
  takeDropped(): number;
}

export interface OutboxOptions {
  readonly mostWaiting: number;
  readonly onProblem: (error: unknown) => void;
  /** One was not taken for what it says: it is dropped, so that those behind it arrive. */
  readonly onRefused: (error: BatchRefusedError) => void;
}

export function outbox(
  sink: Pick<TelemetrySink, 'send'>,
  { mostWaiting, onProblem, onRefused }: OutboxOptions,
): Outbox {
  const waiting: Letter[] = [];
  let dropped = 0;
  let sending: Promise<void> | undefined;

  async function sendOne(letter: Letter): Promise<void> {
    try {
      await sink.send(letter.write());
    } catch (error) {
      if (!(error instanceof BatchRefusedError)) throw error;
      dropped += waiting[0] === letter ? letter.size : 0;
      onRefused(error);
    }
    // While it was on its way, it may have been dropped for want of room.
    if (waiting[0] === letter) waiting.shift();
  }

  async function sendAll(): Promise<void> {
    try {
      for (let letter = waiting[0]; letter !== undefined; letter = waiting[0]) await sendOne(letter);
    } catch (error) {
      onProblem(error);
    }
  }

  return {
    post(letter) {
      waiting.push(letter);
      while (waiting.length > mostWaiting) dropped += waiting.shift()?.size ?? 0;
    },
    async send() {
      sending ??= sendAll().finally(() => (sending = undefined));
      await sending;
    },
    takeDropped() {
      const taken = dropped;
      dropped = 0;
      return taken;
    },
  };
}
