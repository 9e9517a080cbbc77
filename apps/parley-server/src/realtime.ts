import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { createAdapter } from '@socket.io/postgres-adapter';
import type { Pool } from 'pg';
import { Server } from 'socket.io';
import { admitSocket } from './admit-socket.ts';
import type { Database } from './database.ts';
import { catchUp, followSessions, joinLate } from './follow-sessions.ts';
import { guardConnection } from './guard-connection.ts';
import { createHostOf } from './host-of.ts';
import { createListenConnection } from './listen-connection.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Log } from './log.ts';
import { passTypingOn } from './pass-typing-on.ts';
import { CHANNEL_PREFIX } from './queries/notify.ts';
import { notePresent } from './queries/people.ts';
import { noteUsed } from './queries/sessions.ts';
import type { ParleySocket, ParleySockets } from './socket-events.ts';
import { stayCaughtUp } from './stay-caught-up.ts';

export type Realtime = {
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
  /** Whom to believe which host a browser asked for: see host-of.ts. */
  trustedProxies?: readonly string[];
};

const CONNECT_TIMEOUT_MS = 10_000;
const NEVER_MS = 2 ** 31 - 1;

/** Somebody counts as being there for three of these. */
const PRESENCE_INTERVAL_MS = 20_000;

/** When a session was used last is told to its person, who does not care for seconds. */
const USED_INTERVAL_MS = 300_000;

export function createRealtime(options: RealtimeOptions): Realtime {
  const { server, database, connectionString, log } = options;
  const { sweepIntervalMs = 10_000, limits = LIMITS.listening, trustedProxies = [] } = options;
  const hostOf = createHostOf(trustedProxies);
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
    const admit = async (): Promise<void> => next(await admitSocket(database, socket, { log, hostOf }));
    void admit();
  });
  io.on('connection', (socket) => {
    passTypingOn(socket);
    notePresent(database, [socket.data.userId]).catch(failed('noting who is here failed'));
    // A conversation that began since the socket was admitted could not be announced to it yet.
    joinLate(database, [socket]).catch(failed('joining the conversations of a socket failed'));
  });
  const presence = setInterval(() => {
    const here = new Set([...io.of('/').sockets.values()].map(({ data: { userId } }) => userId));
    notePresent(database, [...here]).catch(failed('noting who is here failed'));
  }, PRESENCE_INTERVAL_MS);
  const used = setInterval(() => {
    const hashes = [...io.of('/').sockets.values()].map(({ data: { tokenHash } }) => tokenHash);
    noteUsed(database, hashes).catch(failed('noting which sessions are used failed'));
  }, USED_INTERVAL_MS);
  const sweep = setInterval(() => {
    followSessions(io, database).catch(failed('comparing sockets with their sessions failed'));
  }, sweepIntervalMs);

  return {
    flagsChanged: () => void io.local.emit('flags', {}),
    sockets: () => io.of('/').sockets.size,
    check: async () => await listening.check(),
    close: async () => {
      clearInterval(sweep);
      clearInterval(presence);
      clearInterval(used);
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
