import type { Database } from '../database.ts';
import { type Ask, readFrom } from '../message-page.ts';
import type { MessageRow } from '../queries/message-row.ts';
import type { MessagePage, PageRange } from '../queries/read-page.ts';
import type { Batch2Metrics } from './batch-2-metrics.ts';
import type { Numbers, QueryCache } from './query-cache.ts';

type Parts = { database: Database; cache: QueryCache; metrics: Batch2Metrics };

/** From the cache where `share` allows it and it is current. What is cached is the same for every member. */
export async function readThroughCache(
  { database, cache, metrics }: Parts,
  share: number,
  ask: Ask,
): Promise<MessagePage> {
  const { conversationId, lastSeq, version, range } = ask;
  const numbers = numbersOf(range, lastSeq);
  // No message has such a number: there is nothing to read, wherever it would be read.
  const isEmpty = numbers.first > numbers.last;
  if (isEmpty || !cache.mayHold(conversationId, numbers, share)) {
    metrics.cacheLookups.inc({ result: 'bypass' });
    return isEmpty ? { rows: [], lastSeq, version } : await readFrom(database, ask, range);
  }
  const held = cache.get(conversationId, numbers, changesOf(ask));
  const next = numbers.first + held.length;
  const missing = numbers.last - next + 1;
  metrics.cacheLookups.inc({ result: missing === 0 ? 'hit' : 'miss' });
  if (missing === 0) return { rows: held, lastSeq, version };
  const fresh = await readFrom(database, ask, { side: 'after', seq: next - 1, limit: missing });
  cache.put(conversationId, fresh.rows, changesOf(fresh));
  // What was read just now may be newer than what was held, which is as new as the request: never older.
  return { rows: [...held, ...fresh.rows], lastSeq, version };
}

/** What was just sent is what everybody reads next. Here it is known already. */
export function cacheSent(cache: QueryCache, share: number, sent: MessageRow): void {
  const { seq, version, conversation_id: conversationId } = sent;
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
