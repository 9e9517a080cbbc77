import { leaveInTime } from './bounded/leave-in-time.ts';
import { exitCodes } from './exit-codes.ts';
import { onInterruption } from './interruption.ts';

export interface Stopping {
  /** Aborted when this process has been asked to end. */
  readonly signal: AbortSignal;
  /** Listens no longer. */
  readonly release: () => void;
}

/**
 * Listens for whoever asks this process to end: SIGINT, SIGTERM, SIGHUP (the terminal is gone, as with a dropped session), or
 * the end of the process of ours that started it. Asked again, it ends at once; an order that takes too long ends it, too.
 */
export function stopOnSignals(
  tell: (line: string) => void,
  farewell = 'Stopping here; the run can be taken up again with the same command.',
): Stopping {
  const controller = new AbortController();
  const stop = () => {
    tell(farewell);
    controller.abort();
    leaveInTime(tell);
  };
  const stopListening = onInterruption(['SIGINT', 'SIGTERM', 'SIGHUP'], {
    first: stop,
    again: () => process.exit(exitCodes.interrupted),
  });
  process.once('disconnect', stop);
  const release = () => {
    stopListening();
    process.off('disconnect', stop);
  };
  return { signal: controller.signal, release };
}
