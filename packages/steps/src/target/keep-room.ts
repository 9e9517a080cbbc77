import type { PerformContext, TargetConnection } from '@crossfade/engine';

/** Beside those that the server keeps for superusers: whoever operates it must get in while we are at work. */
const keptFree = 3;
/** Then it fails, and is tried again like any other work. */
const longestWaitMs = 60_000;
const usualPauseMs = 1_000;

interface Room {
  readonly free: number;
  readonly most: number;
  /** How many must stay free, those of the server's own reserve among them. */
  readonly kept: number;
}

/** We are one connection too many. */
class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

/**
 * Opens connections for work as long as enough others stay free; where they do not, it lets go at once, so as not to be what
 * it waits for, and tries again with pauses.
 * @throws Error when there was no room for a minute.
 */
export async function withRoom<T>(context: PerformContext, connect: () => Promise<T>): Promise<T> {
  const { clock, random, signal, stepId } = context;
  const startedMs = clock.elapsedMs();
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof NoRoomError)) throw error;
      const waitedMs = clock.elapsedMs() - startedMs;
      if (waitedMs >= longestWaitMs) {
        throw new Error(`step ${stepId}: ${error.message}; waited for ${Math.round(waitedMs / 1_000)} s`, {
          cause: error,
        });
      }
      context.report({ done: 0, total: null, unit: 'connections', note: `waits: ${error.message}` });
      await clock.sleep(usualPauseMs * (0.5 + random.next()), signal);
    }
  }
}

/**
 * To be called first on a new connection. Behind a pooler our connection is none of the server's.
 * @throws NoRoomError when too few others are free.
 */
export async function keepRoom(connection: TargetConnection): Promise<void> {
  if (connection.pooled) return;
  const { rows } = await connection.query<Room>(question);
  const [room] = rows;
  if (!room || !(room.free < room.kept)) return;
  throw new NoRoomError(
    `${Math.max(0, room.free)} of the server's ${room.most} connections are free, and ${room.kept} are to stay free for those ` +
      'who operate it (superuser_reserved_connections, reserved_connections and three): end some, or raise max_connections',
  );
}

/** Of sessions of others it may not be said what they are; they have a user where server processes of other kinds have none. */
const question = `
  select current_setting('max_connections')::int as most,
         current_setting('max_connections')::int - count(*)::int as free,
         current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true)::int, 0) + ${keptFree} as kept
    from pg_stat_activity
   where backend_type = 'client backend' or (backend_type is null and usesysid is not null)`;
