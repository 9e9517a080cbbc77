import type pg from 'pg';
import { connectClient } from '../commands/connect-client.ts';
import { databaseUrl } from '../commands/database-url.ts';
import { isAskedAgain, STOP_LIMIT_MS } from '../commands/stop-on-signals.ts';
import type { ImportSummary } from './import-summary.ts';

const ANSWER_TIMEOUT_MS = 130_000;

export type ContentWork = {
  client: pg.Client;
  onProgress: (line: string) => void;
  signal: AbortSignal;
};

/**
 * What `import` and `sample` share: a connection from DATABASE_URL, progress on stderr, the summary as one JSON line on
 * stdout, and an end between two batches when they are asked to stop. A batch that waits for somebody is given up.
 */
export async function runContentCommand(
  command: string,
  work: (tools: ContentWork) => Promise<ImportSummary>,
): Promise<void> {
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  const { client, end, cut } = await connectClient({
    connectionString: databaseUrl(),
    applicationName: `parley ${command}`,
    // A batch takes a second at most; what takes so long waits for somebody who does not let go.
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    onLost: (error) => onProgress(`${command}: the database connection was lost: ${error.message}`),
  });
  const stopping = stopWhenAsked((sinceMs) => {
    onProgress(`${command}: gave up what it waited for, ${sinceMs} ms after it was asked to stop`);
    cut();
  });
  try {
    const summary = await work({ client, onProgress, signal: stopping.signal });
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } catch (error) {
    throw stopping.isCut() ? stopping.signal.reason : error;
  } finally {
    stopping.forget();
    await end();
  }
}

type Stopping = { signal: AbortSignal; isCut: () => boolean; forget: () => void };

/**
 * Asked by a signal, or by the end of whoever started us with a channel. A second signal ends the process at once.
 * @param giveUp called when the work has not ended in time, with the milliseconds since it was asked to
 */
function stopWhenAsked(giveUp: (sinceMs: number) => void): Stopping {
  const stop = new AbortController();
  let [isCut, isOver] = [false, false];
  let askedAtMs: number | undefined;
  let late: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    if (askedAtMs !== undefined || isOver) return;
    const sinceMs = performance.now();
    askedAtMs = sinceMs;
    stop.abort(new Error('stopped; run it again to complete it'));
    late = setTimeout(() => {
      isCut = true;
      giveUp(Math.round(performance.now() - sinceMs));
    }, STOP_LIMIT_MS);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (askedAtMs === undefined || !isAskedAgain(askedAtMs)) return onStop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    process.kill(process.pid, signal); // As if nobody had listened.
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('disconnect', onStop);
  // They may have gone before we listened.
  if ('connected' in process && !process.connected) onStop();
  return {
    signal: stop.signal,
    isCut: () => isCut,
    // The same Ctrl-C may arrive once more while the process ends: signals stay heard, and keep nothing alive.
    forget: () => {
      process.off('disconnect', onStop);
      clearTimeout(late);
      isOver = true;
    },
  };
}
