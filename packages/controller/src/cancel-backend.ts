import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerSession } from '@crossfade/store';
import type { Client, ClientConfig } from 'pg';
import { askOnce } from './target/ask-once.ts';
import { requestCancel } from './target/cancel-request.ts';
import { isSession } from './target/is-session.ts';

/** Cancels what a server process is doing, again and again, until told that it has ended. */
export interface Canceller {
  readonly start: () => void;
  stop(): Promise<void>;
}

interface CancellerOptions {
  readonly settings: ClientConfig;
  readonly client: Client;
  readonly session: ServerSession;
  /** The last resort: lets go of the connection without an answer. */
  readonly giveUp: () => void;
}

const pauseMs = 100;
const askLimitMs = 750;
/** Cancelled for so long, then the server process is ended, then we let go: who stops a controller waits for it. */
const cancelUntilMs = 750;
const terminateUntilMs = 1_500;

/**
 * Once is not enough: a cancel request that arrives between two statements does nothing. A second connection is used, since
 * the first is busy.
 */
export function createCanceller({ settings, client, session, giveUp }: CancellerOptions): Canceller {
  const stopped = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function cancelUntilStopped(): Promise<void> {
    const startedMs = performance.now();
    await keepAsking('pg_cancel_backend', startedMs + cancelUntilMs);
    await keepAsking('pg_terminate_backend', startedMs + terminateUntilMs);
    if (!stopped.signal.aborted) giveUp();
  }

  async function keepAsking(how: string, untilMs: number): Promise<void> {
    while (!stopped.signal.aborted && performance.now() < untilMs) {
      await ask(how);
      await pause(pauseMs, stopped.signal);
    }
  }

  /** A pooler's server processes are not ours to name: by the time the number arrives, it may work for others. */
  async function ask(how: string): Promise<void> {
    if (session.pooled) return await requestCancel(client, askLimitMs);
    try {
      await askOnce(settings, askLimitMs, `select ${how}(pid) from pg_stat_activity where ${isSession}`, [
        session.pid,
        session.startedAt,
      ]);
    } catch {
      // The server may be gone, and the work with it. If not, we ask again, and let go in the end.
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

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(durationMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
