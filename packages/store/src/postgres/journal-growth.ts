import { Client, type ClientConfig, type Pool } from 'pg';
import { sql } from './sql.ts';

const readHeadSeq = sql('read-head-seq');
const pollIntervalMs = 1_000;

/** Says that the journal has grown: at once by NOTIFY, and within a second without it. */
export interface JournalGrowth {
  subscribe(callback: () => void): () => void;
  stop(): Promise<void>;
}

interface GrowthOptions {
  readonly pool: Pool;
  readonly settings: ClientConfig;
  readonly onProblem: (error: Error) => void;
}

export function createJournalGrowth({ pool, settings, onProblem }: GrowthOptions): JournalGrowth {
  const callbacks = new Set<() => void>();
  let listener: Client | null = null;
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
    const client = new Client(settings);
    const forget = () => {
      if (listener === client) listener = null;
    };
    client.on('error', (error) => {
      forget();
      onProblem(error);
    });
    client.on('end', forget);
    client.on('notification', ({ payload }) => announce(Number(payload)));
    listener = client;
    try {
      await client.connect();
      await client.query('listen crossfade_journal');
    } catch (error) {
      forget();
      await client.end();
      throw error;
    }
  }

  /** One round a second repairs the listener where it is gone, and finds what a lost notification has missed. */
  async function poll(): Promise<void> {
    if (!listener) await attempt(listen);
    await attempt(async () => {
      const { rows } = await pool.query<{ seq: string }>(readHeadSeq);
      if (rows[0] && !stopped) announce(Number(rows[0].seq));
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
    polling = poll();
  }

  return {
    subscribe(callback) {
      const own = () => callback();
      callbacks.add(own);
      if (callbacks.size === 1 && timer === undefined && !stopped) start();
      return () => void callbacks.delete(own);
    },
    async stop() {
      stopped = true;
      callbacks.clear();
      clearTimeout(timer);
      await polling;
      await listener?.end();
    },
  };
}
