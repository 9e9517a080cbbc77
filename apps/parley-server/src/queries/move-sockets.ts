import { notifyJoin, notifyLeave, notifyRooms } from './notify.ts';

/** People's rooms that fit into one notification, which must stay under Postgres' 8,000 bytes. */
export const ROOMS_AT_ONCE = 100;

/** SQL that tells the sockets of these rooms that a conversation is otherwise now: they ask for it again. */
export const tellOfConversation = (rooms: string, conversationId: string): string =>
  notifyRooms('conversation', rooms, `json_build_object('conversationId', ${conversationId}::text)`);

/** First they come in, then they are told: whoever asks for the conversation then misses nothing that is sent after it. */
export const bringIn = (rooms: string, conversationId: string): string =>
  `${notifyJoin(rooms, roomOf(conversationId))} || ${tellOfConversation(rooms, conversationId)}`;

/** In the statement that ends a membership: what is sent after it is not heard. */
export const takeOut = (rooms: string, conversationId: string): string =>
  `${notifyLeave(rooms, roomOf(conversationId))} || ${tellOfConversation(rooms, conversationId)}`;

const roomOf = (conversationId: string): string => `'c:' || ${conversationId}::text`;
