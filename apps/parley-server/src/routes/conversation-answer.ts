import type { z } from 'zod';
import { excerptOfMessage } from '../excerpt.ts';
import type { ConversationRow } from '../queries/conversations.ts';
import type { conversationSchema } from '../schemas.ts';

const EXCERPT_CHARACTERS = 140;

type Conversation = z.output<typeof conversationSchema>;

/** A conversation as the API tells it. */
export function toConversation(row: ConversationRow): Conversation {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    topic: row.topic,
    lastSeq: row.last_seq,
    lastReadSeq: row.last_read_seq,
    unread: Math.max(0, row.last_seq - row.last_read_seq),
    version: row.version,
    muted: row.muted,
    mentions: row.mentions,
    memberCount: row.member_count,
    role: row.role,
    joinable: row.joinable,
    others: row.others ?? [],
    lastMessage: toLastMessage(row.newest),
  };
}

function toLastMessage(newest: ConversationRow['newest']): Conversation['lastMessage'] {
  if (newest === null) return null;
  return {
    senderId: newest.sender_id,
    senderName: newest.sender_name,
    excerpt: newest.is_deleted ? '' : excerptOfMessage(newest, EXCERPT_CHARACTERS),
    createdAt: new Date(newest.created_at).toISOString(),
    isDeleted: newest.is_deleted,
  };
}
