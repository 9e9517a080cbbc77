import { LRUCache } from 'lru-cache';
import type { MessagePage } from './queries/read-page.ts';

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_ENTRIES = 20_000;
/** Measured roughly: what a row costs beside its text. */
const ROW_BYTES = 600;

export type QueryCache = {
  /** True when this key falls into the share (0 to 100) of keys that may be cached. */
  mayHold(key: string, share: number): boolean;
  /** Only a page of the conversation's current version: one that anybody has written since is never returned. */
  get(key: string, currentVersion: number): MessagePage | undefined;
  set(key: string, page: MessagePage): void;
  /** Writes and reads an entry of its own. @throws when it does not come back. */
  check(): void;
};

/**
 * Pages of messages in the memory of this process. An entry counts only as long as its version is the
 * conversation's, which the statement that authorises the request reads anyway: so a read after an acknowledged
 * write is never stale, whichever process took the write.
 */
export function createQueryCache(): QueryCache {
  const pages = new LRUCache<string, MessagePage>({
    max: MAX_ENTRIES,
    maxSize: MAX_BYTES,
    sizeCalculation: sizeOf,
  });
  return {
    mayHold: (key, share) => bucketOf(key) < share,
    get: (key, currentVersion) => {
      const page = pages.get(key);
      return page?.version === currentVersion ? page : undefined;
    },
    set: (key, page) => {
      pages.set(key, page);
    },
    check: () => {
      const probe: MessagePage = { rows: [], lastSeq: 0, version: 0 };
      pages.set('probe', probe);
      if (pages.get('probe') !== probe) throw new Error('the cache did not return what was just put into it');
      pages.delete('probe');
    },
  };
}

function sizeOf(page: MessagePage): number {
  return page.rows.reduce((bytes, row) => bytes + ROW_BYTES + 2 * row.body.length, ROW_BYTES);
}

/** FNV-1a to 0..99: the same keys stay within the share as it grows, in every process. */
export function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % 100;
}
