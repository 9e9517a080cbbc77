/** Something happened to a message. Bodies are never sent this way: clients ask for what they miss by seq. */
type MessageEvent = { conversationId: string; seq: number; id: string; version: number };

export type ServerToClientEvents = {
  message: (event: MessageEvent) => void;
  changed: (event: MessageEvent) => void;
  read: (event: { conversationId: string; seq: number }) => void;
  flags: (event: Record<string, never>) => void;
  session_ended: (event: Record<string, never>) => void;
};

export type SocketData = { userId: string; tokenHash: Buffer };

export const conversationRoom = (conversationId: string): string => `c:${conversationId}`;
export const personRoom = (userId: string): string => `u:${userId}`;
