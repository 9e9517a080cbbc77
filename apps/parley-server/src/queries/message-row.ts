/** A message as the statements of this folder return it (`fragments.ts`: messageColumns), with its sender's name. */
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
};

/** A message as the API tells it. */
export type Message = {
  id: string;
  conversationId: string;
  seq: number;
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
};

export function toMessage(row: MessageRow, viewerId: string): Message {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    seq: row.seq,
    senderId: row.sender_id,
    senderName: row.sender_name,
    threadId: row.thread_id,
    body: row.body,
    clientId: row.sender_id === viewerId ? row.client_id : null,
    createdAt: row.created_at.toISOString(),
    editedAt: row.edited_at?.toISOString() ?? null,
    deletedAt: row.deleted_at?.toISOString() ?? null,
    editVersion: row.edit_version,
  };
}
