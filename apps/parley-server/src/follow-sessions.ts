import type { Database } from './database.ts';
import { conversationsOf, type NewestMessage, newestMessages } from './queries/conversations.ts';
import { validSessions } from './queries/sessions.ts';
import {
  conversationRoom,
  type MessageEvent,
  type ParleySocket,
  type ParleySockets,
} from './socket-events.ts';

const CONVERSATION = conversationRoom('');

const socketsOf = (io: ParleySockets): ParleySocket[] => [...io.of('/').sockets.values()];

/** Sockets live no longer than their sessions, and hear of the conversations that their person is in, and of no others. */
export async function followSessions(io: ParleySockets, database: Database): Promise<void> {
  await endStaleSockets(database, socketsOf(io));
  await joinLate(database, socketsOf(io));
}

/** Also sessions that expired, or were revoked while nobody heard of it. */
async function endStaleSockets(database: Database, sockets: readonly ParleySocket[]): Promise<void> {
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

/** Sockets by the conversation of which they hear from now on, and have not heard until now. */
type LateSockets = ReadonlyMap<string, readonly ParleySocket[]>;

/** Whoever comes into a conversation late is shown its newest message: what was said there before was not heard. */
export async function joinLate(database: Database, sockets: readonly ParleySocket[]): Promise<void> {
  const late = await followMemberships(database, sockets);
  try {
    await tellNewest(database, late);
  } catch (error) {
    // To be found late, and told, by the next comparison.
    for (const [id, each] of late) for (const socket of each) await socket.leave(conversationRoom(id));
    throw error;
  }
}

/** Puts sockets into the rooms of their people's conversations, and takes them out of all others. */
async function followMemberships(database: Database, sockets: readonly ParleySocket[]): Promise<LateSockets> {
  const late = new Map<string, ParleySocket[]>();
  if (sockets.length === 0) return late;
  // Looked at first: a room entered while the database is asked may belong to a conversation that it did not see yet.
  const roomsBefore = new Map(sockets.map((socket) => [socket, [...socket.rooms]]));
  const userIds = new Set(sockets.map((socket) => socket.data.userId));
  const conversations = await conversationsOf(database, [...userIds]);
  for (const [socket, before] of roomsBefore) {
    // Rooms of a socket that is gone by now would stay for ever.
    if (!socket.connected) continue;
    const ids = conversations.get(socket.data.userId) ?? [];
    const rooms = new Set(ids.map(conversationRoom));
    for (const id of ids) {
      if (!socket.rooms.has(conversationRoom(id))) append(late, id, socket);
    }
    await socket.join([...rooms]);
    for (const room of before) {
      if (room.startsWith(CONVERSATION) && !rooms.has(room)) await socket.leave(room);
    }
  }
  return late;
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

async function tellNewest(database: Database, late: LateSockets): Promise<void> {
  if (late.size === 0) return;
  for (const row of await newestMessages(database, [...late.keys()])) {
    for (const socket of late.get(row.conversation_id) ?? []) socket.emit('message', toEvent(row));
  }
}

/**
 * After a time without hearing, in which conversations may have begun: the newest message of every conversation shows
 * each client whether it missed any.
 */
export async function catchUp(io: ParleySockets, database: Database): Promise<void> {
  await endStaleSockets(database, socketsOf(io));
  await followMemberships(database, socketsOf(io));
  const conversationIds = [...io.of('/').adapter.rooms.keys()]
    .filter((room) => room.startsWith(CONVERSATION))
    .map((room) => room.slice(CONVERSATION.length));
  if (conversationIds.length === 0) return;
  for (const row of await newestMessages(database, conversationIds)) {
    io.local.to(conversationRoom(row.conversation_id)).emit('message', toEvent(row));
  }
}

const toEvent = ({ conversation_id: conversationId, seq, id, version }: NewestMessage): MessageEvent => ({
  conversationId,
  seq,
  id,
  version,
});
