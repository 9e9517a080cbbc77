import { exitCodes } from '../exit-codes.ts';

/** Whoever stops us has been promised to wait for less than five seconds. */
const limitMs = 4_500;

/**
 * Ends this process when stopping in order takes too long, as when nothing that is waited for answers. What was under way is
 * as after a crash: the next controller goes on from the journal, once the lease has run out.
 */
export function leaveInTime(tell: (line: string) => void): void {
  const leave = () => {
    tell('! Not everything has let go in time; leaving all the same. The lease runs out by itself.');
    process.exit(exitCodes.interrupted);
  };
  setTimeout(leave, limitMs).unref();
}
