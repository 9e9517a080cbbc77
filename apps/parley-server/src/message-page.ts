import { noSuchConversation } from './api-error.ts';
import { FEATURES } from './features.ts';
import type { Parley } from './parley.ts';
import { type Message, toMessage } from './queries/message-row.ts';
import { authoriseReading, type MessagePage, type PageRange, readPage } from './queries/read-page.ts';
import { signedIn } from './require-person.ts';

export type PageQuery = {
  before?: number | undefined;
  after?: number | undefined;
  around?: number | undefined;
  limit: number;
};

export type PageAnswer = {
  messages: Message[];
  lastSeq: number;
  version: number;
  hasMoreBefore: boolean;
  hasMoreAfter: boolean;
  window: { total: number; firstSeq: number; lastSeq: number } | null;
};

/** Higher than any number of a message. */
const END = Number.MAX_SAFE_INTEGER;

/** Reads a page for a member, from the cache where the flags allow it and it is current. @throws ApiError */
export async function pageOfMessages(
  parley: Parley,
  tokenHash: Buffer,
  conversationId: string,
  query: PageQuery,
): Promise<PageAnswer> {
  const access = signedIn(await authoriseReading(parley.database, tokenHash, conversationId));
  if (access.conversation === undefined) throw noSuchConversation();
  const person = { id: access.me };
  const windowed = await parley.features.isFeatureEnabled(FEATURES.VIRTUAL_SCROLLING, person);
  const range = rangeOf(query, windowed, access.conversation.lastSeq);
  const share = await parley.features.queryCacheShare(person);
  const ask = { conversationId, userId: access.me, version: access.conversation.version, range, share };
  return toAnswer(await cachedPage(parley, ask), range, access.me, windowed);
}

type Ask = { conversationId: string; userId: string; version: number; range: PageRange; share: number };

/** Called only after this request was authorised: what is cached is the same for every member. */
async function cachedPage({ database, cache, metrics }: Parley, ask: Ask): Promise<MessagePage> {
  const { conversationId, userId, version, range, share } = ask;
  const key = `${conversationId} ${range.side} ${range.seq} ${range.limit}`;
  const cacheable = cache.mayHold(key, share);
  const known = cacheable ? cache.get(key, version) : undefined;
  metrics.cacheLookups.inc({ result: cacheable ? (known === undefined ? 'miss' : 'hit') : 'bypass' });
  if (known !== undefined) return known;
  const page = await readPage(database, conversationId, userId, range);
  if (page === undefined) throw noSuchConversation();
  if (cacheable) cache.set(key, page);
  return page;
}

/** Numbers have no gaps: what lies around one is found by counting. */
function rangeOf({ before, after, around, limit }: PageQuery, windowed: boolean, lastSeq: number): PageRange {
  if (after !== undefined) return { side: 'after', seq: after, limit };
  if (around === undefined) return { side: 'before', seq: before ?? END, limit };
  const half = Math.floor(limit / 2);
  if (!windowed) return { side: 'before', seq: around + half + 1, limit };
  // Near the end the window moves up, so that it is full.
  return { side: 'after', seq: Math.max(0, Math.min(around - half, lastSeq - limit + 1) - 1), limit };
}

function toAnswer(page: MessagePage, range: PageRange, viewerId: string, windowed: boolean): PageAnswer {
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
    window: windowed ? { total: lastSeq, firstSeq: Math.min(1, lastSeq), lastSeq } : null,
  };
}
