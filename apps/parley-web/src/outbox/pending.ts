import type { Attachment } from '../api/types.ts';

/** A message that was written here and is not yet known to be stored there. */
export interface Pending {
  /** By which the server stores it once, however often it is sent. */
  readonly clientId: string;
  readonly conversationId: string;
  readonly threadId: string | null;
  readonly body: string;
  readonly attachments: readonly Attachment[];
  readonly writtenAtMs: number;
  /** Why it was refused: it waits for its author. undefined: it goes out by itself. */
  readonly refusal?: string;
}
