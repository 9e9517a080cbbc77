import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { createCuttableClient, type CuttableClient } from '../cuttable-client.ts';
import { askForSession } from '../pooler.ts';

const pollIntervalMs = 1_000;
const questionLimitMs = 5_000;
const goodbyeLimitMs = 500;

/** Says that the journal has grown: at once by NOTIFY, and within a second without it, as behind a pooler. */
export interface JournalGrowth {
  subscribe(callback: () => void): () => void;
  stop(): Promise<void>;
}

interface GrowthOptions {
  readonly readHeadSeq: () => Promise<number>;
  readonly settings: ClientConfig;
  readonly onProblem: (error: Error) => void;
}

export function createJournalGrowth({ readHeadSeq, settings, onProblem }: GrowthOptions): JournalGrowth {
  const callbacks = new Set<() => void>();
  let opening: CuttableClient | null = null;
  let listener: CuttableClient | null = null;
  let canListen = true;
  let started = false;
  let timer: NodeJS.Timeout | undefined;
  let polling: Promise<void> = Promise.resolve();
  let seenSeq: number | null = null;
  let stopped = false;

  const announce = (seq: number) => {
    const grown = seenSeq === null || seq > seenSeq;
    seenSeq = Math.max(seenSeq ?? 0, seq);
    if (grown) for (const callback of callbacks) callback();
  };

  async function listen(): Promise<void> {
    const opened = createCuttableClient(settings);
    const { client } = opened;
    const forget = () => {
      if (listener === opened) listener = null;
    };
    client.on('error', (error) => {
      forget();
      if (!stopped) onProblem(error);
    });
    client.on('end', forget);
    client.on('notification', ({ payload }) => announce(Number(payload)));
    opening = opened;
    try {
      await client.connect();
      const { pooled } = await askForSession(client, questionLimitMs);
      // Behind a pooler a server connection would listen for whoever comes next, and never for us.
      canListen = !pooled;
      if (canListen) {
        await client.query('listen crossfade_journal');
        listener = opened;
      } else await opened.end();
    } catch (error) {
      await opened.end();
      throw error;
    } finally {
      opening = null;
    }
  }

  /** One round a second repairs the listener where it is gone, and finds what a lost notification has missed. */
  async function poll(): Promise<void> {
    if (canListen && !listener) await attempt(listen);
    await attempt(async () => {
      const seq = await readHeadSeq();
      if (!stopped) announce(seq);
    });
    if (!stopped) timer = setTimeout(start, pollIntervalMs);
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!stopped) onProblem(error instanceof Error ? error : new Error(String(error)));
    }
  }

  function start(): void {
    started = true;
    polling = poll();
  }

  return {
    subscribe(callback) {
      const own = () => callback();
      callbacks.add(own);
      // Once: who stops and begins to listen again while the first round is under way must not begin a second one.
      if (!started && !stopped) start();
      return () => void callbacks.delete(own);
    },
    async stop() {
      stopped = true;
      callbacks.clear();
      clearTimeout(timer);
      opening?.cut(new Error('stopped while connecting'));
      // A round that waits for a connection of a frozen database has nobody left to tell.
      await Promise.race([polling, sleep(goodbyeLimitMs)]);
      await listener?.end();
    },
  };
}
