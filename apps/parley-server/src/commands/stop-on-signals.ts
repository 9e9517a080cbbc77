import type { FastifyInstance } from 'fastify';

const LIMIT_MS = 5_000;

/**
 * Ends the server when the process is asked to: takes no more requests, finishes those it has, closes the sockets.
 * What does not finish within five seconds is cut off.
 */
export function stopOnSignals(app: FastifyInstance): void {
  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    app.log.info({ reason }, 'stopping');
    setTimeout(() => {
      app.log.warn({ limitMs: LIMIT_MS }, 'still not done: stopping at once');
      process.exit(0);
    }, LIMIT_MS).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        app.log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // Whoever started us with a channel is gone.
  process.on('disconnect', () => stop('the parent process went away'));
  // Nobody reads what we print any more. Without a listener, the next line of the log would end us on the spot.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop('output was closed'));
}
