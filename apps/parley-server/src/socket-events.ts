import type { DefaultEventsMap, Server, Socket } from 'socket.io';

/** Something happened to a message. Bodies are never sent this way: clients ask for what they miss by seq. */
export type MessageEvent = { conversationId: string; seq: number; id: string; version: number };

export type ServerToClientEvents = {
  message: (event: MessageEvent) => void;
  changed: (event: MessageEvent) => void;
  read: (event: { conversationId: string; seq: number }) => void;
  /** Somebody joined, left or renamed it, or muted it on another device: ask for it again. */
  conversation: (event: { conversationId: string }) => void;
  /** How far somebody else has read, in conversations of few people. */
  seen: (event: { conversationId: string; userId: string; seq: number }) => void;
  /** Believed for a few seconds. */
  typing: (event: { conversationId: string; userId: string }) => void;
  /** There is a new notification: ask for it. */
  notification: (event: Record<string, never>) => void;
  flags: (event: Record<string, never>) => void;
  session_ended: (event: Record<string, never>) => void;
  /** This process ends: the connection is cut next, and whoever has another server goes there. */
  stopping: (event: Record<string, never>) => void;
};

export type ClientToServerEvents = {
  /** This person writes something. Passed on at most every two seconds. */
  typing: (event: { conversationId: string }) => void;
};

type SocketData = { userId: string; tokenHash: Buffer };

export type ParleySockets = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type ParleySocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;

export const conversationRoom = (conversationId: string): string => `c:${conversationId}`;
export const personRoom = (userId: string): string => `u:${userId}`;
