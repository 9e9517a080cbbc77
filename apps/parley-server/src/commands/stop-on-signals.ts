import type { FastifyInstance } from 'fastify';

/** Supervisors wait at least five seconds before they kill. */
export const STOP_LIMIT_MS = 4_000;
const SAME_MS = 250;

/** A terminal and npm both pass the same Ctrl-C on: that is one request to stop, not two. */
export function isAskedAgain(askedAtMs: number): boolean {
  return performance.now() - askedAtMs > SAME_MS;
}

/**
 * Ends the server when the process is asked to: takes no more connections, finishes the requests it has, sends sockets
 * elsewhere. What does not finish within four seconds is cut off. Asked a second time, it ends at once.
 */
export function stopOnSignals(app: FastifyInstance): void {
  let stoppingSinceMs: number | undefined;
  const stop = (reason: string): void => {
    if (stoppingSinceMs !== undefined) return;
    stoppingSinceMs = performance.now();
    app.log.info({ reason }, 'stopping');
    setTimeout(() => {
      app.log.warn({ limitMs: STOP_LIMIT_MS }, 'still not done: stopping at once');
      process.exit(0);
    }, STOP_LIMIT_MS).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        app.log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSinceMs !== undefined && isAskedAgain(stoppingSinceMs)) {
      app.log.warn({ signal }, 'asked again: stopping at once');
      process.exit(1);
    }
    stop(signal);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  // Whoever started us with a channel is gone.
  process.on('disconnect', () => stop('the parent process went away'));
  // To listen for that must not keep a process alive that could not begin to serve.
  process.channel?.unref();
  // Nobody reads what we print any more. Without a listener, the next line of the log would end us on the spot.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop('output was closed'));
}
