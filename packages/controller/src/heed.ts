/** The work was not waited for any longer; whatever becomes of it, nobody looks. */
export class NotWaitedFor extends Error {
  override readonly name = 'NotWaitedFor';
}

/**
 * The work's result, or NotWaitedFor as soon as the signal is aborted. For work that does not heed a signal itself, and
 * that does no harm when it goes on unobserved.
 */
export async function heed<T>(signal: AbortSignal, why: string, work: () => Promise<T>): Promise<T> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = () => reject(new NotWaitedFor(why));
  if (signal.aborted) throw new NotWaitedFor(why);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work(), left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
