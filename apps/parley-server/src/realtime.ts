import type { Server as HttpServer } from 'node:http';
import { createAdapter } from '@socket.io/postgres-adapter';
import type { Pool } from 'pg';
import { Server, type DefaultEventsMap, type Socket } from 'socket.io';
import type { Database } from './database.ts';
import { createListenConnection } from './listen-connection.ts';
import type { Log } from './log.ts';
import { conversationsOf, newestMessages } from './queries/conversations.ts';
import { CHANNEL_PREFIX } from './queries/notify.ts';
import { validSessions } from './queries/sessions.ts';
import { admitSocket } from './admit-socket.ts';
import { conversationRoom, personRoom, type ServerToClientEvents, type SocketData } from './socket-events.ts';

type ParleySockets = Server<DefaultEventsMap, ServerToClientEvents, DefaultEventsMap, SocketData>;
type ParleySocket = Socket<DefaultEventsMap, ServerToClientEvents, DefaultEventsMap, SocketData>;

export type Realtime = {
  /** Their sockets, on every server, hear of this conversation from now on. */
  addToConversation(conversationId: string, userIds: readonly string[]): void;
  /** Tells the sockets of this process that flags may have changed. */
  flagsChanged(): void;
  sockets(): number;
  /** @throws while events of other processes do not arrive. */
  check(): Promise<void>;
  close(): Promise<void>;
};

export type RealtimeOptions = {
  server: HttpServer;
  database: Database;
  connectionString: string;
  log: Log;
  /** How often sockets are compared with their sessions. */
  sweepIntervalMs?: number;
};

/** Rooms named in one notification: its payload must stay under Postgres' 8,000 bytes. */
const ROOMS_AT_ONCE = 50;
const NEVER_MS = 2 ** 31 - 1;

export function createRealtime(options: RealtimeOptions): Realtime {
  const { server, database, connectionString, log, sweepIntervalMs = 10_000 } = options;
  const io: ParleySockets = new Server(server, {
    path: '/socket.io',
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: 10_000,
    perMessageDeflate: false,
  });
  const failed = (what: string) => (error: unknown) => log.warn({ err: error }, what);
  const listening = createListenConnection({
    connectionString,
    database,
    log,
    onListening: () => {
      catchUp(io, database).catch(failed('telling sockets what they may have missed failed'));
    },
  });
  const adapter = createAdapter(listening.pool as unknown as Pool, {
    channelPrefix: CHANNEL_PREFIX,
    errorHandler: failed('publishing a realtime event failed'),
    // The table of attachments is for payloads over 8,000 bytes. Ours are small, and there is no such table to clean.
    cleanupInterval: NEVER_MS,
  });
  io.adapter(adapter);
  io.use((socket, next) => {
    const admit = async (): Promise<void> => next(await admitSocket(database, socket));
    void admit();
  });
  io.on('connection', (socket) => {
    // A conversation that began since the socket was admitted could not be announced to it yet.
    joinConversations(database, [socket]).catch(failed('joining the conversations of a socket failed'));
  });
  const sweep = setInterval(() => {
    endStaleSockets(io, database).catch(failed('comparing sockets with their sessions failed'));
  }, sweepIntervalMs);

  return {
    addToConversation: (conversationId, userIds) => {
      for (let start = 0; start < userIds.length; start += ROOMS_AT_ONCE) {
        const rooms = userIds.slice(start, start + ROOMS_AT_ONCE).map(personRoom);
        io.in(rooms).socketsJoin(conversationRoom(conversationId));
      }
    },
    flagsChanged: () => void io.local.emit('flags', {}),
    sockets: () => io.of('/').sockets.size,
    check: async () => await listening.check(),
    close: async () => {
      clearInterval(sweep);
      io.local.disconnectSockets(true);
      await io.of('/').adapter.close();
      io.engine.close();
      await listening.close();
    },
  };
}

/** A socket lives no longer than its session: also one that expired, or was revoked while nobody heard of it. */
async function endStaleSockets(io: ParleySockets, database: Database): Promise<void> {
  const sockets = [...io.of('/').sockets.values()];
  if (sockets.length === 0) return;
  const valid = await validSessions(
    database,
    sockets.map((socket) => socket.data.tokenHash),
  );
  for (const socket of sockets) {
    if (valid.has(socket.data.tokenHash.toString('hex'))) continue;
    socket.emit('session_ended', {});
    socket.disconnect(true);
  }
}

async function joinConversations(database: Database, sockets: readonly ParleySocket[]): Promise<void> {
  const userIds = new Set(sockets.map((socket) => socket.data.userId));
  const conversations = await conversationsOf(database, [...userIds]);
  for (const socket of sockets) {
    // Rooms of a socket that is gone by now would stay for ever.
    if (!socket.connected) continue;
    await socket.join((conversations.get(socket.data.userId) ?? []).map(conversationRoom));
  }
}

/**
 * After a time without hearing, in which conversations may have begun: the newest message of every conversation shows
 * each client whether it missed any.
 */
async function catchUp(io: ParleySockets, database: Database): Promise<void> {
  await endStaleSockets(io, database);
  await joinConversations(database, [...io.of('/').sockets.values()]);
  const prefix = conversationRoom('');
  const conversationIds = [...io.of('/').adapter.rooms.keys()]
    .filter((room) => room.startsWith(prefix))
    .map((room) => room.slice(prefix.length));
  if (conversationIds.length === 0) return;
  for (const { conversation_id: conversationId, seq, id, version } of await newestMessages(
    database,
    conversationIds,
  )) {
    io.local.to(conversationRoom(conversationId)).emit('message', { conversationId, seq, id, version });
  }
}
