import type { PerformContext, TargetConnection } from '@crossfade/engine';
import { applicationNameOf } from './application-name.ts';
import { withLimits } from './each-in-transaction.ts';
import { keepRoom, withRoom } from './keep-room.ts';

/**
 * A connection of the step's own, as long as that leaves enough for others. When the work is aborted, that is what is thrown,
 * and not how the server put it.
 */
export async function withTarget<T>(
  context: PerformContext,
  work: (connection: TargetConnection) => Promise<T>,
): Promise<T> {
  const options = { applicationName: applicationNameOf(context), signal: context.signal };
  const connect = async () =>
    await context.target.withConnection(options, async (connection) => {
      await keepRoom(connection);
      return await work(await withLimits(connection));
    });
  try {
    return await withRoom(context, connect);
  } catch (error) {
    context.signal.throwIfAborted();
    throw error;
  }
}
