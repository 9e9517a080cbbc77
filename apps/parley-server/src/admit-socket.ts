import { isDatabaseUnavailable } from './database-errors.ts';
import type { Database } from './database.ts';
import type { HostOf } from './host-of.ts';
import type { Log } from './log.ts';
import { findSocketPerson } from './queries/sessions.ts';
import { hashSessionToken, isSameOrigin, sessionCookieIn, sessionRoom } from './sessions.ts';
import { conversationRoom, type ParleySocket, personRoom } from './socket-events.ts';

/** What the client's `connect_error` shows. */
class SocketRefused extends Error {
  readonly data: { code: string };

  constructor(code: string, message: string) {
    super(message);
    this.data = { code };
  }
}

/**
 * Lets a socket in by its session's token and puts it into its rooms, before the client is told that it is
 * connected: from that moment on it misses nothing.
 * @returns why it is refused, if it is.
 */
export async function admitSocket(
  database: Database,
  socket: ParleySocket,
  { log, hostOf }: { log: Log; hostOf: HostOf },
): Promise<SocketRefused | undefined> {
  try {
    await joinRooms(database, socket, hostOf);
    return undefined;
  } catch (error) {
    return toRefusal(error, log);
  }
}

async function joinRooms(database: Database, socket: ParleySocket, hostOf: HostOf): Promise<void> {
  const tokenHash = hashSessionToken(socket.handshake.auth['token'] ?? cookieOf(socket, hostOf));
  if (tokenHash === undefined) throw refusedWithoutSession();
  const person = await findSocketPerson(database, tokenHash);
  if (person === undefined) throw refusedWithoutSession();
  socket.data.userId = person.id;
  socket.data.tokenHash = tokenHash;
  await socket.join([
    sessionRoom(tokenHash),
    personRoom(person.id),
    ...person.conversationIds.map(conversationRoom),
  ]);
}

/** A page of somebody else's may open a socket here too, and the browser would send our cookie along. */
function cookieOf({ request }: ParleySocket, hostOf: HostOf): string | undefined {
  const { origin, cookie } = request.headers;
  return isSameOrigin(origin, hostOf(request)) ? sessionCookieIn(cookie) : undefined;
}

const refusedWithoutSession = (): SocketRefused =>
  new SocketRefused('unauthenticated', 'No valid session: log in and connect with its token');

function toRefusal(error: unknown, log: Log): SocketRefused {
  if (error instanceof SocketRefused) return error;
  if (isDatabaseUnavailable(error)) {
    return new SocketRefused('unavailable', 'The database does not answer at the moment: try again shortly');
  }
  log.error({ err: error }, 'letting a socket in failed');
  return new SocketRefused('internal', 'Something went wrong on our side');
}
