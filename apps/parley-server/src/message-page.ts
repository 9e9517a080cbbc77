import { noSuchConversation } from './api-error.ts';
import { FEATURES } from './features.ts';
import type { Parley } from './parley.ts';
import { type Message, type MessageRow, type SeenMessageRow, toMessage } from './queries/message-row.ts';
import {
  authoriseReading,
  type MessagePage,
  type PageRange,
  readPage,
  withMine,
} from './queries/read-page.ts';
import type { Numbers } from './query-cache.ts';
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
  if (windowed) parley.features.used(FEATURES.VIRTUAL_SCROLLING, person);
  const { lastSeq, version } = access.conversation;
  const range = rangeOf(query, windowed, lastSeq);
  const share = await parley.features.queryCacheShare(person);
  const ask = { conversationId, userId: access.me, lastSeq, version, range, share };
  const page = await readThroughCache(parley, ask);
  const rows = await withMine(parley.database, access.me, page.rows);
  return toAnswer({ ...page, rows }, range, access.me, windowed);
}

type Ask = {
  conversationId: string;
  userId: string;
  lastSeq: number;
  version: number;
  range: PageRange;
  share: number;
};

/** Called only after this request was authorised: what is cached is the same for every member. */
async function readThroughCache({ database, cache, metrics }: Parley, ask: Ask): Promise<MessagePage> {
  const { conversationId, userId, lastSeq, version, range, share } = ask;
  const read = async (wanted: PageRange): Promise<MessagePage> => {
    const page = await readPage(database, conversationId, userId, wanted);
    if (page === undefined) throw noSuchConversation();
    return page;
  };
  const numbers = numbersOf(range, lastSeq);
  // No message has such a number: there is nothing to read, wherever it would be read.
  const isEmpty = numbers.first > numbers.last;
  if (isEmpty || !cache.mayHold(conversationId, numbers, share)) {
    metrics.cacheLookups.inc({ result: 'bypass' });
    return isEmpty ? { rows: [], lastSeq, version } : await read(range);
  }
  const held = cache.get(conversationId, numbers, changesOf(ask));
  const next = numbers.first + held.length;
  const missing = numbers.last - next + 1;
  metrics.cacheLookups.inc({ result: missing === 0 ? 'hit' : 'miss' });
  if (missing === 0) return { rows: held, lastSeq, version };
  const fresh = await read({ side: 'after', seq: next - 1, limit: missing });
  cache.put(conversationId, fresh.rows, changesOf(fresh));
  // What was read just now may be newer than what was held, which is as new as the request: never older.
  return { rows: [...held, ...fresh.rows], lastSeq, version };
}

/** What was just sent is what everybody reads next. Here it is known already. */
export async function cacheSent({ features, cache }: Parley, sent: MessageRow): Promise<void> {
  const { seq, version, conversation_id: conversationId, sender_id: id } = sent;
  const share = await features.queryCacheShare({ id });
  if (!cache.mayHold(conversationId, { first: seq, last: seq }, share)) return;
  cache.put(conversationId, [sent], changesOf({ lastSeq: seq, version }));
}

/** A send raises both counters, any other change only the version: their difference counts these. */
const changesOf = ({ lastSeq, version }: { lastSeq: number; version: number }): number => version - lastSeq;

/** Numbers have no gaps: which ones a page will hold follows from where the conversation ends. */
function numbersOf({ side, seq, limit }: PageRange, lastSeq: number): Numbers {
  if (side === 'after') return { first: seq + 1, last: Math.min(seq + limit, lastSeq) };
  const last = Math.min(seq - 1, lastSeq);
  return { first: Math.max(1, last - limit + 1), last };
}

function rangeOf({ before, after, around, limit }: PageQuery, windowed: boolean, lastSeq: number): PageRange {
  if (after !== undefined) return { side: 'after', seq: after, limit };
  if (around === undefined) return { side: 'before', seq: before ?? END, limit };
  const half = Math.floor(limit / 2);
  if (!windowed) return { side: 'before', seq: around + half + 1, limit };
  // Near the end the window moves up, so that it is full.
  return { side: 'after', seq: Math.max(0, Math.min(around - half, lastSeq - limit + 1) - 1), limit };
}

type SeenPage = Omit<MessagePage, 'rows'> & { rows: SeenMessageRow[] };

function toAnswer(page: SeenPage, range: PageRange, viewerId: string, windowed: boolean): PageAnswer {
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
