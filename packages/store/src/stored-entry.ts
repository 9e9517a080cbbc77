import type { EventDraft, JournalEntry } from '@crossfade/engine';

/** One row of the journal as it is kept: `body` is the text that was hashed. */
export interface StoredEntry {
  readonly seq: number;
  readonly body: string;
  readonly previous: string;
  readonly hash: string;
}

/**
 * Reads an entry back from the text that was hashed, never from the columns beside it: what `verifyChain` proves is then
 * what everybody has read.
 */
export function readEntry(stored: StoredEntry): JournalEntry {
  const { runId, actor, atMs, event } = JSON.parse(stored.body) as EventDraft & { atMs: number };
  return { seq: stored.seq, runId, actor, atMs, event, previous: stored.previous, hash: stored.hash };
}
