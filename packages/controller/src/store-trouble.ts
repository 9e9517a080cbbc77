import { errorMessage } from './error-message.ts';
import { heed } from './heed.ts';

/** The store could not be reached or would not answer: the tick is tried again for as long as the lease holds. */
export class StoreTrouble extends Error {
  override readonly name = 'StoreTrouble';
}

/**
 * Runs a call of the store, and does not wait for its end once it is cut off: what it may still write is fenced.
 * @throws StoreTrouble instead of whatever it threw; a TypeError is our own mistake and stays one.
 */
export async function ofStore<T>(call: () => Promise<T>, cutOff: AbortSignal): Promise<T> {
  try {
    return await heed(cutOff, 'its answer was not waited for', call);
  } catch (error) {
    if (error instanceof TypeError) throw error;
    throw new StoreTrouble(`the control store failed: ${errorMessage(error)}`, { cause: error });
  }
}
