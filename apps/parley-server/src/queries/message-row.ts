/** A file that hangs on a message, as the API tells it and as messages.attachments holds it. */
export type Attachment = {
  id: string;
  name: string;
  mediaType: string;
  sizeBytes: number;
  width: number | null;
  height: number | null;
};

/**
 * A message as the statements of this folder return it (`fragments.ts`: messageColumns), with its sender's name: the
 * same for everybody who may read it.
 */
export type MessageRow = {
  id: string;
  conversation_id: string;
  seq: number;
  sender_id: string;
  sender_name: string;
  thread_id: string | null;
  body: string;
  client_id: string | null;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  edit_version: number;
  version: number;
  reactions: Record<string, number> | null;
  reply_count: number;
  last_reply_at: Date | null;
  /** Who answered, the latest first: more of them than are shown. */
  repliers: string[] | null;
  pinned_at: Date | null;
  attachments: Attachment[] | null;
};

/** With what the viewer reacted to it (`fragments.ts`: mineOf); null where nobody reacted. */
export type SeenMessageRow = MessageRow & { mine: string[] | null };

type Reaction = { emoji: string; count: number; mine: boolean };

/** A message as the API tells it. */
export type Message = {
  id: string;
  conversationId: string;
  seq: number;
  version: number;
  senderId: string;
  senderName: string;
  threadId: string | null;
  body: string;
  /** Only for its sender: others have no use for it. */
  clientId: string | null;
  createdAt: string;
  editedAt: string | null;
  deletedAt: string | null;
  editVersion: number;
  reactions: Reaction[];
  replyCount: number;
  lastReplyAt: string | null;
  repliers: string[];
  pinnedAt: string | null;
  attachments: Attachment[];
};

const REPLIERS_SHOWN = 3;

export function toMessage(row: SeenMessageRow, viewerId: string): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    seq: row.seq,
    version: row.version,
    senderId: row.sender_id,
    senderName: row.sender_name,
    threadId: row.thread_id,
    body: row.body,
    clientId: row.sender_id === viewerId ? row.client_id : null,
    createdAt: row.created_at.toISOString(),
    editedAt: row.edited_at?.toISOString() ?? null,
    deletedAt: row.deleted_at?.toISOString() ?? null,
    editVersion: row.edit_version,
    reactions: reactionsOf(row),
    replyCount: row.reply_count,
    lastReplyAt: row.last_reply_at?.toISOString() ?? null,
    repliers: row.repliers?.slice(0, REPLIERS_SHOWN) ?? [],
    pinnedAt: row.pinned_at?.toISOString() ?? null,
    attachments: row.attachments ?? [],
  };
}

/** In an order that does not change with the counts: what people aim at must not move away. */
function reactionsOf({ reactions, mine }: SeenMessageRow): Reaction[] {
  const counts = Object.entries(reactions ?? {});
  return counts.map(([emoji, count]) => ({ emoji, count, mine: mine?.includes(emoji) ?? false }));
}
