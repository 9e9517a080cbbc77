import { LRUCache } from 'lru-cache';
import type { MessageRow } from '../queries/message-row.ts';

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_ENTRIES = 20_000;
/** Measured roughly: what a row costs beside its text. */
const ROW_BYTES = 600;
/** How many numbers share a key. */
const BLOCK_NUMBERS = 50;
/** No counter tells that somebody got another name, or that the database was restored from a backup. */
const OLDEST_MS = 300_000;

/** A run of messages of one conversation, by their numbers, both ends included. */
export type Numbers = { first: number; last: number };

export type QueryCache = {
  /** True when all keys that these numbers fall under are in the share (0 to 100) of keys that may be cached. */
  mayHold(conversationId: string, numbers: Numbers, share: number): boolean;
  /** What is held of these numbers from the first one on, up to the first that has to be read. */
  get(conversationId: string, numbers: Numbers, changes: number): MessageRow[];
  /** Rows of one snapshot, in which the conversation had so many changes. */
  put(conversationId: string, rows: readonly MessageRow[], changes: number): void;
  /** Writes and reads an entry of its own. @throws when it does not come back. */
  check(): void;
};

/** Rows by their place in the block; all as they were after so many changes. */
type Block = { changes: number; rows: ReadonlyMap<number, MessageRow> };

/**
 * Messages in the memory of this process, in blocks of fifty numbers. A message that was sent stays as it is until one
 * of its conversation is edited, deleted, answered, pinned or reacted to: so a block counts as long as the number of
 * such `changes` is the conversation's, which the statement that authorises the request reads anyway. New messages leave
 * what is held valid, and a read after an acknowledged write is never stale, whichever process took the write. What is
 * held is the same for everybody: what the viewer reacted is asked for each time.
 */
export function createQueryCache(): QueryCache {
  const blocks = new LRUCache<string, Block>({
    max: MAX_ENTRIES,
    maxSize: MAX_BYTES,
    sizeCalculation: sizeOf,
    ttl: OLDEST_MS,
    // From when the oldest of its rows was read.
    noUpdateTTL: true,
  });
  return {
    mayHold: (conversationId, numbers, share) =>
      keysOf(conversationId, numbers).every((key) => bucketOf(key) < share),
    get: (conversationId, { first, last }, changes) => {
      const held: MessageRow[] = [];
      for (let seq = first; seq <= last; seq += 1) {
        const block = blocks.get(keyOf(conversationId, seq));
        const row = block?.changes === changes ? block.rows.get(seq) : undefined;
        if (row === undefined) break;
        held.push(row);
      }
      return held;
    },
    put: (conversationId, rows, changes) => {
      for (const [key, added] of Map.groupBy(rows, ({ seq }) => keyOf(conversationId, seq))) {
        const known = blocks.get(key);
        // A slow read must not undo what a later one has brought.
        if (known !== undefined && known.changes > changes) continue;
        const kept = known?.changes === changes ? known.rows : [];
        blocks.set(key, {
          changes,
          rows: new Map([...kept, ...added.map((row) => [row.seq, row] as const)]),
        });
      }
    },
    check: () => {
      const probe: Block = { changes: 0, rows: new Map() };
      blocks.set('probe', probe);
      if (blocks.get('probe') !== probe)
        throw new Error('the cache did not return what was just put into it');
      blocks.delete('probe');
    },
  };
}

const blockOf = (seq: number): number => Math.floor((seq - 1) / BLOCK_NUMBERS);
const keyOf = (conversationId: string, seq: number): string => `${conversationId} ${blockOf(seq)}`;

function keysOf(conversationId: string, { first, last }: Numbers): string[] {
  const count = blockOf(last) - blockOf(first) + 1;
  return Array.from({ length: count }, (_, index) => keyOf(conversationId, first + index * BLOCK_NUMBERS));
}

function sizeOf({ rows }: Block): number {
  let bytes = ROW_BYTES;
  for (const row of rows.values()) bytes += ROW_BYTES + 2 * row.body.length + extraBytesOf(row);
  return bytes;
}

/** What only some messages have; roughly, and bounded for each of them. */
function extraBytesOf({ reactions, repliers, attachments }: MessageRow): number {
  const kinds = reactions === null ? 0 : Object.keys(reactions).length;
  return 80 * kinds + 80 * (repliers?.length ?? 0) + 600 * (attachments?.length ?? 0);
}

/** FNV-1a to 0..99: the same keys stay within the share as it grows, in every process. */
export function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % 100;
}
