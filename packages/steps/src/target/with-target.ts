import type { PerformContext, TargetConnection } from '@crossfade/engine';
import { applicationNameOf } from './application-name.ts';

/** A connection of the step's own. When the work is aborted, that is what is thrown, and not how the server put it. */
export async function withTarget<T>(
  context: PerformContext,
  work: (connection: TargetConnection) => Promise<T>,
): Promise<T> {
  const options = { applicationName: applicationNameOf(context), signal: context.signal };
  try {
    return await context.target.withConnection(options, work);
  } catch (error) {
    context.signal.throwIfAborted();
    throw error;
  }
}
