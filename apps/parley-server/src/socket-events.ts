import type { DefaultEventsMap, Server, Socket } from 'socket.io';

/** Something happened to a message. Bodies are never sent this way: clients ask for what they miss by seq. */
export type MessageEvent = { conversationId: string; seq: number; id: string; version: number };

export type ServerToClientEvents = {
  message: (event: MessageEvent) => void;
  changed: (event: MessageEvent) => void;
  read: (event: { conversationId: string; seq: number }) => void;
  flags: (event: Record<string, never>) => void;
  session_ended: (event: Record<string, never>) => void;
  /** This process ends: the connection is cut next, and whoever has another server goes there. */
  stopping: (event: Record<string, never>) => void;
};

type SocketData = { userId: string; tokenHash: Buffer };

export type ParleySockets = Server<DefaultEventsMap, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type ParleySocket = Socket<DefaultEventsMap, ServerToClientEvents, DefaultEventsMap, SocketData>;

export const conversationRoom = (conversationId: string): string => `c:${conversationId}`;
export const personRoom = (userId: string): string => `u:${userId}`;
