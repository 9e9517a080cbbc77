import type {
  AppendAnswer,
  AppendRequest,
  ControlStore,
  FlagDocumentRow,
  Membership,
  PlanFiles,
} from '@crossfade/engine';
import { chainEntries, entryBody, genesisHash, noFlagUse } from '@crossfade/engine';
import { assertNewest } from './assert-newest.ts';
import { fencedError } from './fenced-error.ts';
import { createMemoryLease } from './memory-lease.ts';
import { readEntry, type StoredEntry } from './stored-entry.ts';

interface MemoryStoreOptions {
  /** Stands for the database's clock; ms since 1970. */
  readonly now?: () => number;
}

/**
 * The Postgres store's twin, for tests and simulations: same contract, nothing kept. Every controller that shall meet the
 * others is given the same instance; `close` therefore forgets nothing.
 */
export function createMemoryStore({ now = Date.now }: MemoryStoreOptions = {}): ControlStore {
  const journal: StoredEntry[] = [];
  const plans = new Map<string, PlanFiles>();
  const segments = new Map<string, Map<string, number>>();
  const listeners = new Set<() => void>();
  const lease = createMemoryLease(now);
  let flagDocument: FlagDocumentRow | undefined;

  function append({
    entries: drafts,
    expectedSeq,
    token,
    flagDocument: published,
  }: AppendRequest): AppendAnswer {
    if (token !== null && lease.leaderToken() !== token) return { status: 'fenced' };
    const head = journal.at(-1) ?? { seq: 0, hash: genesisHash };
    if (head.seq !== expectedSeq) return { status: 'conflict', headSeq: head.seq };
    assertNewest(published, flagDocument?.revision ?? 0);
    const stored = chainEntries(drafts, head, now()).map((entry) => ({
      seq: entry.seq,
      body: entryBody(entry, entry.atMs),
      previous: entry.previous,
      hash: entry.hash,
    }));
    journal.push(...stored);
    flagDocument = published ?? flagDocument;
    for (const listener of listeners) queueMicrotask(listener);
    return { status: 'appended', entries: stored.map(readEntry) };
  }

  function refuseFenced(token: number): void {
    if (lease.newestToken() !== token) throw fencedError(token, lease.newestToken());
  }

  function addSegmentMembers(segment: string, targetingKeys: readonly string[], token: number): number {
    refuseFenced(token);
    const members = segments.get(segment) ?? new Map<string, number>();
    for (const key of targetingKeys) members.set(key, members.get(key) ?? now());
    segments.set(segment, members);
    return members.size;
  }

  function readMemberships(targetingKey: string): readonly Membership[] {
    return [...segments]
      .flatMap(([segment, members]) => {
        const sinceMs = members.get(targetingKey);
        return sinceMs === undefined ? [] : [{ segment, sinceMs }];
      })
      .toSorted((a, b) => (a.segment < b.segment ? -1 : 1));
  }

  return {
    now: async () => now(),
    takeLease: async (request) => lease.take(request),
    renewLease: async (token, ttlMs) => lease.renew(token, ttlMs),
    releaseLease: async (token) => lease.release(token),
    readLease: async () => lease.read(),
    readJournal: async (afterSeq) => journal.slice(Math.max(0, afterSeq)).map(readEntry),
    append: async (request) => append(request),
    savePlan: async (digest, files) => {
      if (!plans.has(digest)) plans.set(digest, { ...files });
    },
    loadPlan: async (digest) => plans.get(digest),
    readFlagDocument: async () => flagDocument,
    addSegmentMembers: async (segment, keys, token) => addSegmentMembers(segment, keys, token),
    readSegmentMembers: async (segment) => [...(segments.get(segment)?.keys() ?? [])],
    // Applications report to a database.
    readFlagUse: async () => noFlagUse,
    readMemberships: async (targetingKey) => readMemberships(targetingKey),
    // Applications read them in a database.
    showNotices: async (_, token) => refuseFenced(token),
    onJournalGrowth: (callback) => {
      const listener = () => callback();
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => undefined,
  };
}
