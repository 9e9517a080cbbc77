import { z } from 'zod';
import { conversationRoom, type ParleySocket, personRoom } from './socket-events.ts';

const typingSchema = z.object({ conversationId: z.guid() });
/** A client says so every few seconds; whoever says it more often is not heard more often. */
const LEAST_MS = 2_000;

/** Tells the others of a conversation that somebody writes there, and no device of theirs. Ids only, and only from members: the rooms are the proof. */
export function passTypingOn(socket: ParleySocket): void {
  let lastMs = Number.NEGATIVE_INFINITY;
  socket.on('typing', (said) => {
    const { data } = typingSchema.safeParse(said);
    if (data === undefined) return;
    const conversationId = data.conversationId.toLowerCase();
    const room = conversationRoom(conversationId);
    const nowMs = performance.now();
    if (!socket.rooms.has(room) || nowMs - lastMs < LEAST_MS) return;
    lastMs = nowMs;
    const { userId } = socket.data;
    socket.to(room).except(personRoom(userId)).emit('typing', { conversationId, userId });
  });
}
