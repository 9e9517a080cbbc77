import type { Message } from '../api/types.ts';
import type { Pending } from '../outbox/pending.ts';

/** What a list of messages shows, one below the other. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly day: Date }
  | { readonly kind: 'new'; readonly key: 'new'; readonly count: number }
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly isFirst: boolean }
  | { readonly kind: 'pending'; readonly key: string; readonly pending: Pending; readonly isFirst: boolean };

/** Headings stand before the first message of theirs: when earlier ones come, they go up to those. */
export const isHeading = (key: string): boolean => key === 'new' || key.startsWith('day ');

interface Shown {
  readonly messages: readonly Message[];
  readonly pending: readonly Pending[];
  /** Messages after this number that others wrote stand below the line "new"; undefined: no such line. */
  readonly newAfterSeq: number | undefined;
  readonly meId: string;
  /** A thread shows answers; a conversation leaves them to their threads. */
  readonly withReplies: boolean;
}

/** The same author within this time needs no name again. */
const togetherMs = 5 * 60_000;

/** Days, the line before what is new, messages and what is on its way. A message keeps its key when it has been sent. */
export function rowsOf({ messages, pending, newAfterSeq, meId, withReplies }: Shown): Row[] {
  const rows: Row[] = [];
  const shown = withReplies ? messages : messages.filter(({ threadId }) => threadId === null);
  const isNew = ({ seq, senderId }: Message): boolean =>
    newAfterSeq !== undefined && seq > newAfterSeq && senderId !== meId;
  const count = shown.filter(isNew).length;
  let hasLine = false;
  let last: { senderId: string; at: number } | undefined;
  let day = '';
  for (const message of shown) {
    const at = new Date(message.createdAt);
    if (at.toDateString() !== day) {
      day = at.toDateString();
      rows.push({ kind: 'day', key: `day ${day}`, day: at });
      last = undefined;
    }
    if (!hasLine && isNew(message)) {
      rows.push({ kind: 'new', key: 'new', count });
      hasLine = true;
      last = undefined;
    }
    const isFirst = last?.senderId !== message.senderId || at.getTime() - last.at > togetherMs;
    rows.push({ kind: 'message', key: message.clientId ?? message.id, message, isFirst });
    last = { senderId: message.senderId, at: at.getTime() };
  }
  const sent = new Set(messages.map(({ clientId }) => clientId));
  for (const one of pending) {
    if (sent.has(one.clientId)) continue;
    rows.push({ kind: 'pending', key: one.clientId, pending: one, isFirst: last?.senderId !== meId });
    last = { senderId: meId, at: 0 };
  }
  return rows;
}
