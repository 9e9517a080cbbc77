import type { Changes, Message, MessagePage } from '../api/types.ts';

/** A run of a conversation's messages without a gap, as of one version of it. */
export interface Timeline {
  /** Ascending by seq, every number between the first and the last. */
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  /** All changes up to this version of the conversation are in it. */
  readonly version: number;
  /** Of the conversation, whether or not that message is here. */
  readonly lastSeq: number;
}

/** A page that stands alone: the first one, or the surroundings of a message that was jumped to. */
export function timelineOf(page: MessagePage): Timeline {
  return {
    messages: page.messages,
    hasBefore: page.hasMoreBefore,
    hasAfter: page.hasMoreAfter,
    version: page.version,
    lastSeq: page.lastSeq,
  };
}

/**
 * Adds a page at either end. What it tells may be newer than the rest: the version stays the older one, so that what changed in
 * between is still asked for. A page that does not touch what is here changes nothing.
 */
export function withPage(timeline: Timeline, page: MessagePage, side: 'before' | 'after'): Timeline {
  const [first] = timeline.messages;
  const last = timeline.messages.at(-1);
  if (first === undefined || last === undefined) return timelineOf(page);
  const lastSeq = Math.max(timeline.lastSeq, page.lastSeq);
  if (side === 'before') {
    const older = page.messages.filter(({ seq }) => seq < first.seq);
    if (older.length > 0 && older.at(-1)?.seq !== first.seq - 1) return timeline;
    return {
      ...timeline,
      messages: [...older, ...timeline.messages],
      hasBefore: page.hasMoreBefore,
      lastSeq,
    };
  }
  const newer = page.messages.filter(({ seq }) => seq > last.seq);
  if (newer.length > 0 && newer[0]?.seq !== last.seq + 1) return timeline;
  return { ...timeline, messages: [...timeline.messages, ...newer], hasAfter: page.hasMoreAfter, lastSeq };
}

/** One message as it is now, where it is newer than what is here; at the end, it is appended if nothing is between. */
export function withMessage(timeline: Timeline, message: Message): Timeline {
  return withMessages(timeline, [message]);
}

/** What changed since the timeline's version, in any order. Applying it twice changes nothing. */
export function withChanges(timeline: Timeline, changes: Changes): Timeline {
  const changed = withMessages(timeline, changes.messages);
  const version = changes.hasMore ? (changes.messages.at(-1)?.version ?? timeline.version) : changes.version;
  return {
    ...changed,
    version: Math.max(timeline.version, version),
    lastSeq: Math.max(changed.lastSeq, changes.lastSeq),
  };
}

function withMessages(timeline: Timeline, changed: readonly Message[]): Timeline {
  const messages = [...timeline.messages];
  let { hasAfter, lastSeq } = timeline;
  for (const message of changed.toSorted((a, b) => a.seq - b.seq)) {
    const first = messages[0]?.seq ?? message.seq;
    const at = message.seq - first;
    const known = messages[at];
    if (known !== undefined) messages[at] = isNewer(message, known) ? message : known;
    else if (at === messages.length && !hasAfter) messages.push(message);
    // Something is missing in between: it will be read when the reader comes there.
    else if (at > messages.length) hasAfter = true;
    lastSeq = Math.max(lastSeq, message.seq);
  }
  return { ...timeline, messages, hasAfter, lastSeq };
}

const isNewer = (a: Message, b: Message): boolean => a.version >= b.version;

/** Nobody scrolls through more in one go; what is left out is read again when it is wanted. */
const mostKept = 4_000;

/** Lets go of what is farthest from where the reader is. */
export function trimmed(timeline: Timeline, readerAt: 'start' | 'end'): Timeline {
  const { messages } = timeline;
  if (messages.length <= mostKept) return timeline;
  return readerAt === 'end'
    ? { ...timeline, messages: messages.slice(-mostKept), hasBefore: true }
    : { ...timeline, messages: messages.slice(0, mostKept), hasAfter: true };
}
