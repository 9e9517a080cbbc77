import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { createCuttableClient } from './cuttable-client.ts';

/** Cancels what a server process is doing, again and again, until told that it has ended. */
export interface Canceller {
  readonly start: () => void;
  stop(): Promise<void>;
}

interface CancellerOptions {
  readonly settings: ClientConfig;
  readonly pid: number;
  /** The last resort: lets go of the connection without an answer. */
  readonly giveUp: () => Promise<void>;
}

const pauseMs = 200;
/** Cancelled for so long, then the server process is ended, then we let go. */
const cancelForMs = 3_000;
const terminateForMs = 2_000;

/**
 * Once is not enough: a cancel request that arrives between two statements does nothing. A second connection is used, since
 * the first is busy.
 */
export function createCanceller({ settings, pid, giveUp }: CancellerOptions): Canceller {
  const stopped = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function cancelUntilStopped(): Promise<void> {
    await ask('select pg_cancel_backend($1)', cancelForMs);
    await ask('select pg_terminate_backend($1)', terminateForMs);
    if (!stopped.signal.aborted) await giveUp();
  }

  async function ask(statement: string, forMs: number): Promise<void> {
    const untilMs = performance.now() + forMs;
    while (!stopped.signal.aborted && performance.now() < untilMs) {
      await tell(statement, settings, pid);
      await pause(pauseMs, stopped.signal);
    }
  }

  return {
    start: () => {
      running = cancelUntilStopped();
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

async function tell(statement: string, settings: ClientConfig, pid: number): Promise<void> {
  const limitMs = 2_000;
  const { client, end } = createCuttableClient({
    ...settings,
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement, [pid]);
  } catch {
    // The server may be gone, and the work with it. If not, the caller asks again, and lets go in the end.
  } finally {
    await end();
  }
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
