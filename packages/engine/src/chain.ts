import { createHash } from 'node:crypto';
import type { EventDraft, JournalEntry } from './events.ts';
import { canonicalJson } from './json.ts';

const domain = 'crossfade.journal.v1';

/** What the first entry names as its predecessor. */
export const genesisHash = createHash('sha256').update(`${domain}\ngenesis`).digest('hex');

/** The text of an entry that is hashed, and stored as it was hashed: jsonb would write it in another order. */
export function entryBody(draft: EventDraft, atMs: number): string {
  return canonicalJson({
    runId: draft.runId,
    actor: draft.actor,
    atMs,
    event: draft.event,
  });
}

/** SHA-256 over domain, number, predecessor and body, in hex. */
export function chainHash(link: { seq: number; previous: string; body: string }): string {
  return createHash('sha256').update(`${domain}\n${link.seq}\n${link.previous}\n${link.body}`).digest('hex');
}

/** Gives drafts their numbers and hashes, from the head they follow. */
export function chainEntries(
  drafts: readonly EventDraft[],
  head: { seq: number; hash: string },
  atMs: number,
): readonly JournalEntry[] {
  const entries: JournalEntry[] = [];
  let { seq, hash: previous } = head;
  for (const draft of drafts) {
    seq += 1;
    const hash = chainHash({ seq, previous, body: entryBody(draft, atMs) });
    entries.push({ ...draft, seq, atMs, previous, hash });
    previous = hash;
  }
  return entries;
}

export type ChainCheck =
  | { readonly ok: true; readonly entries: number; readonly head: string }
  | { readonly ok: false; readonly seq: number; readonly reason: string };

/** Recomputes every hash and names the first entry that is not what it was. */
export function verifyChain(entries: readonly JournalEntry[]): ChainCheck {
  let previous = genesisHash;
  let expectedSeq = 1;
  for (const entry of entries) {
    if (entry.seq !== expectedSeq) {
      return {
        ok: false,
        seq: expectedSeq,
        reason: `entry ${expectedSeq} is missing: the next one is ${entry.seq}`,
      };
    }
    if (entry.previous !== previous) {
      return {
        ok: false,
        seq: entry.seq,
        reason: `names ${short(entry.previous)} as its predecessor, which is ${short(previous)}`,
      };
    }
    const hash = chainHash({ seq: entry.seq, previous, body: entryBody(entry, entry.atMs) });
    if (entry.hash !== hash) {
      return {
        ok: false,
        seq: entry.seq,
        reason: `its content gives ${short(hash)}, the journal says ${short(entry.hash)}`,
      };
    }
    previous = hash;
    expectedSeq += 1;
  }
  return { ok: true, entries: entries.length, head: previous };
}

function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}
