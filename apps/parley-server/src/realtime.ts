import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { createAdapter } from '@socket.io/postgres-adapter';
import type { Pool } from 'pg';
import { Server } from 'socket.io';
import { admitSocket } from './admit-socket.ts';
import type { Database } from './database.ts';
import { catchUp, followSessions, joinLate } from './follow-sessions.ts';
import { guardConnection } from './guard-connection.ts';
import { createListenConnection } from './listen-connection.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Log } from './log.ts';
import { CHANNEL_PREFIX } from './queries/notify.ts';
import { conversationRoom, type ParleySocket, type ParleySockets, personRoom } from './socket-events.ts';
import { stayCaughtUp } from './stay-caught-up.ts';

export type Realtime = {
  /** Their sockets, on every server, hear of this conversation from now on. */
  addToConversation(conversationId: string, userIds: readonly string[]): void;
  /** Tells the sockets of this process that flags may have changed. */
  flagsChanged(): void;
  sockets(): number;
  /** @throws while events of other processes do not arrive. */
  check(): Promise<void>;
  /** Tells sockets that this process stops, and lets them go, so that they look for another one. */
  close(): Promise<void>;
};

export type RealtimeOptions = {
  server: HttpServer;
  database: Database;
  /** Of the database server itself, not of a pooler: see listen-connection.ts. */
  connectionString: string;
  log: Log;
  /** How often sockets are compared with their sessions and their people's conversations. */
  sweepIntervalMs?: number;
  limits?: Limits['listening'];
};

/** Rooms named in one notification: its payload must stay under Postgres' 8,000 bytes. */
const ROOMS_AT_ONCE = 50;
const CONNECT_TIMEOUT_MS = 10_000;
const NEVER_MS = 2 ** 31 - 1;

export function createRealtime(options: RealtimeOptions): Realtime {
  const { server, database, connectionString, log } = options;
  const { sweepIntervalMs = 10_000, limits = LIMITS.listening } = options;
  const io: ParleySockets = new Server(server, {
    path: '/socket.io',
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: 10_000,
    perMessageDeflate: false,
    // For a connection that never says whose it is.
    connectTimeout: CONNECT_TIMEOUT_MS,
  });
  io.engine.on('connection', guardConnection);
  const connections = new Set<Socket>();
  io.engine.on('connection', ({ request: { socket } }: ParleySocket['conn']) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const failed = (what: string) => (error: unknown) => log.warn({ err: error }, what);
  const caughtUp = stayCaughtUp({ catchUp: async () => await catchUp(io, database), log });
  const listening = createListenConnection({
    connectionString,
    database,
    log,
    limits,
    onListening: () => caughtUp.fellBehind(),
  });
  const adapter = createAdapter(listening.pool as unknown as Pool, {
    channelPrefix: CHANNEL_PREFIX,
    errorHandler: failed('publishing a realtime event failed'),
    // The table of attachments is for payloads over 8,000 bytes. Ours are small, and there is no such table to clean.
    cleanupInterval: NEVER_MS,
  });
  io.adapter(adapter);
  io.use((socket, next) => {
    const admit = async (): Promise<void> => next(await admitSocket(database, socket, log));
    void admit();
  });
  io.on('connection', (socket) => {
    // A conversation that began since the socket was admitted could not be announced to it yet.
    joinLate(database, [socket]).catch(failed('joining the conversations of a socket failed'));
  });
  const sweep = setInterval(() => {
    followSessions(io, database).catch(failed('comparing sockets with their sessions failed'));
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
      caughtUp.stop();
      io.local.emit('stopping', {});
      // Not by a "disconnect", after which clients stay away: whose connection is lost looks for another one.
      io.engine.close();
      // A client whose network is gone never says goodbye.
      setTimeout(() => connections.forEach((socket) => socket.destroy()), limits.goodbyeMs).unref();
      await io.of('/').adapter.close();
      await listening.close();
    },
  };
}
