import { errorMessage } from './error-message.ts';

/** The store could not be reached or would not answer: the tick is tried again for as long as the lease holds. */
export class StoreTrouble extends Error {
  override readonly name = 'StoreTrouble';
}

/**
 * Runs a call of the store, and does not wait for its end once the lease is lost: what it may still write is fenced.
 * @throws StoreTrouble instead of whatever it threw; a TypeError is our own mistake and stays one.
 */
export async function ofStore<T>(call: () => Promise<T>, lost: AbortSignal): Promise<T> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const onLost = () => reject(new Error('the lease is lost'));
  lost.addEventListener('abort', onLost, { once: true });
  try {
    if (lost.aborted) throw new Error('the lease is lost');
    return await Promise.race([call(), gone]);
  } catch (error) {
    if (error instanceof TypeError) throw error;
    throw new StoreTrouble(`the control store failed: ${errorMessage(error)}`, { cause: error });
  } finally {
    lost.removeEventListener('abort', onLost);
  }
}
