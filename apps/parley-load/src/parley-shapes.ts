import { finiteNumber, listOf, record, text, textOrNull, truth, wholeNumber } from './shape.ts';

/** A message as Parley answers with it; only what we look at. */
export interface Message {
  readonly id: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  readonly body: string;
  readonly clientId: string | null;
  readonly deleted: boolean;
  readonly editVersion: number;
  /** The conversation's, when this message changed last. */
  readonly version: number;
  /** Emojis with which whoever asked has reacted. */
  readonly ownReactions: readonly string[];
  readonly replyCount: number;
}

export interface Page {
  /** Ascending by seq, if the server keeps its word. */
  readonly messages: readonly Message[];
  readonly lastSeq: number;
  readonly version: number;
  readonly hasMoreBefore: boolean;
  readonly hasMoreAfter: boolean;
  /** Whether the answer has virtual scrolling's window. */
  readonly windowed: boolean;
}

export interface Conversation {
  readonly id: string;
  readonly title: string;
  readonly lastSeq: number;
}

export interface LogIn {
  readonly token: string;
  readonly userId: string;
  readonly name: string;
  readonly serverTimeMs: number;
}

/** Something happened in a conversation: `message`, `changed` or `read` over the socket. */
export interface ConversationEvent {
  readonly conversationId: string;
  readonly seq: number;
}

export function readLogIn(body: unknown): LogIn {
  const answer = record(body, 'answer');
  const user = record(answer['user'], 'answer.user');
  return {
    token: text(answer['token'], 'answer.token'),
    userId: text(user['id'], 'answer.user.id'),
    name: text(user['name'], 'answer.user.name'),
    serverTimeMs: finiteNumber(answer['serverTimeMs'], 'answer.serverTimeMs'),
  };
}

export function readConversations(body: unknown): Conversation[] {
  return listOf(record(body, 'answer')['conversations'], 'answer.conversations', (value, place) => {
    const entry = record(value, place);
    return {
      id: text(entry['id'], `${place}.id`),
      title: text(entry['title'], `${place}.title`),
      lastSeq: wholeNumber(entry['lastSeq'], `${place}.lastSeq`),
    };
  });
}

export function readMessage(value: unknown, place: string): Message {
  const entry = record(value, place);
  return {
    id: text(entry['id'], `${place}.id`),
    conversationId: text(entry['conversationId'], `${place}.conversationId`),
    seq: wholeNumber(entry['seq'], `${place}.seq`),
    senderId: text(entry['senderId'], `${place}.senderId`),
    body: text(entry['body'], `${place}.body`),
    clientId: textOrNull(entry['clientId'], `${place}.clientId`),
    deleted: textOrNull(entry['deletedAt'], `${place}.deletedAt`) !== null,
    editVersion: wholeNumber(entry['editVersion'], `${place}.editVersion`),
    version: wholeNumber(entry['version'], `${place}.version`),
    ownReactions: listOf(entry['reactions'], `${place}.reactions`, readReaction).flatMap(({ emoji, mine }) =>
      mine ? [emoji] : [],
    ),
    replyCount: wholeNumber(entry['replyCount'], `${place}.replyCount`),
  };
}

function readReaction(value: unknown, place: string): { readonly emoji: string; readonly mine: boolean } {
  const entry = record(value, place);
  wholeNumber(entry['count'], `${place}.count`);
  return { emoji: text(entry['emoji'], `${place}.emoji`), mine: truth(entry['mine'], `${place}.mine`) };
}

export function readSingleMessage(body: unknown): Message {
  return readMessage(record(body, 'answer')['message'], 'answer.message');
}

export function readPage(body: unknown): Page {
  const answer = record(body, 'answer');
  return {
    messages: listOf(answer['messages'], 'answer.messages', readMessage),
    lastSeq: wholeNumber(answer['lastSeq'], 'answer.lastSeq'),
    version: wholeNumber(answer['version'], 'answer.version'),
    hasMoreBefore: truth(answer['hasMoreBefore'], 'answer.hasMoreBefore'),
    hasMoreAfter: truth(answer['hasMoreAfter'], 'answer.hasMoreAfter'),
    windowed: answer['window'] !== null && answer['window'] !== undefined,
  };
}

/** What changed in a conversation since a version of it. */
export interface Changes {
  /** Ascending by version, if the server keeps its word. */
  readonly messages: readonly Message[];
  readonly version: number;
  readonly hasMore: boolean;
}

export function readChanges(body: unknown): Changes {
  const answer = record(body, 'answer');
  return {
    messages: listOf(answer['messages'], 'answer.messages', readMessage),
    version: wholeNumber(answer['version'], 'answer.version'),
    hasMore: truth(answer['hasMore'], 'answer.hasMore'),
  };
}

/** A message and the answers to it. */
export function readThread(body: unknown): { readonly root: Message; readonly replies: readonly Message[] } {
  const answer = record(body, 'answer');
  return {
    root: readMessage(answer['root'], 'answer.root'),
    replies: listOf(answer['replies'], 'answer.replies', readMessage),
  };
}

export function readConversationEvent(value: unknown): ConversationEvent {
  const event = record(value, 'event');
  return {
    conversationId: text(event['conversationId'], 'event.conversationId'),
    seq: wholeNumber(event['seq'], 'event.seq'),
  };
}
