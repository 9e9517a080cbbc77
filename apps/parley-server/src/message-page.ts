import { noSuchConversation } from './api-error.ts';
import type { Database } from './database.ts';
import type { Person } from './features.ts';
import type { Parley } from './parley.ts';
import { type Message, type MessageRow, type SeenMessageRow, toMessage } from './queries/message-row.ts';
import {
  authoriseReading,
  type MessagePage,
  type PageRange,
  readPage,
  withMine,
} from './queries/read-page.ts';
import { signedIn } from './require-person.ts';

export type PageQuery = {
  before?: number | undefined;
  after?: number | undefined;
  around?: number | undefined;
  limit: number;
};

type Window = { total: number; firstSeq: number; lastSeq: number };

export type PageAnswer = {
  messages: Message[];
  lastSeq: number;
  version: number;
  hasMoreBefore: boolean;
  hasMoreAfter: boolean;
  window: Window | null;
};

/** A page of a conversation, as of when this was asked. */
export type Ask = {
  conversationId: string;
  userId: string;
  lastSeq: number;
  version: number;
  range: PageRange;
};

/** How history is read for one person. */
export type Reading = {
  rangeOf(query: PageQuery, lastSeq: number): PageRange;
  /** Called only after this request was authorised. */
  read(ask: Ask): Promise<MessagePage>;
  windowOf(lastSeq: number): Window | null;
};

export type History = {
  readingFor(person: Person): Promise<Reading>;
  /** Somebody has sent this just now. */
  noteSent(sent: MessageRow): Promise<void>;
};

/** Page after page, from the database. */
export function plainHistory(database: Database): History {
  const reading = plainReading(database);
  return { readingFor: async () => reading, noteSent: async () => undefined };
}

export const plainReading = (database: Database): Reading => ({
  rangeOf: plainRange,
  read: async (ask) => await readFrom(database, ask, ask.range),
  windowOf: () => null,
});

/** Reads a page for a member. @throws ApiError */
export async function pageOfMessages(
  { database, history }: Pick<Parley, 'database' | 'history'>,
  tokenHash: Buffer,
  conversationId: string,
  query: PageQuery,
): Promise<PageAnswer> {
  const access = signedIn(await authoriseReading(database, tokenHash, conversationId));
  if (access.conversation === undefined) throw noSuchConversation();
  const reading = await history.readingFor({ id: access.me });
  const { lastSeq, version } = access.conversation;
  const range = reading.rangeOf(query, lastSeq);
  const page = await reading.read({ conversationId, userId: access.me, lastSeq, version, range });
  const rows = await withMine(database, access.me, page.rows);
  return toAnswer({ ...page, rows }, range, access.me, reading.windowOf(page.lastSeq));
}

/** @throws ApiError when the person is no member any more. */
export async function readFrom(
  database: Database,
  { conversationId, userId }: Ask,
  range: PageRange,
): Promise<MessagePage> {
  const page = await readPage(database, conversationId, userId, range);
  if (page === undefined) throw noSuchConversation();
  return page;
}

/** Higher than any number of a message. */
const END = Number.MAX_SAFE_INTEGER;

function plainRange({ before, after, around, limit }: PageQuery): PageRange {
  if (after !== undefined) return { side: 'after', seq: after, limit };
  if (around === undefined) return { side: 'before', seq: before ?? END, limit };
  return { side: 'before', seq: around + Math.floor(limit / 2) + 1, limit };
}

type SeenPage = Omit<MessagePage, 'rows'> & { rows: SeenMessageRow[] };

function toAnswer(page: SeenPage, range: PageRange, viewerId: string, window: Window | null): PageAnswer {
  const { rows, lastSeq, version } = page;
  // What an empty page stands before and after follows from what was asked.
  const first = rows[0]?.seq ?? (range.side === 'after' ? range.seq + 1 : range.seq);
  const last = rows.at(-1)?.seq ?? (range.side === 'after' ? range.seq : range.seq - 1);
  return {
    messages: rows.map((row) => toMessage(row, viewerId)),
    lastSeq,
    version,
    hasMoreBefore: first > 1 && lastSeq > 0,
    hasMoreAfter: last < lastSeq,
    window,
  };
}
