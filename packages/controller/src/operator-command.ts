import {
  emptyJournal,
  foldJournal,
  type ControlStore,
  type EventDraft,
  type JournalEntry,
  type JournalState,
} from '@crossfade/engine';
import type { Plan } from '@crossfade/plan';
import { withFlagDocument } from './with-flag-document.ts';

export interface OperatorCommandOptions {
  readonly store: ControlStore;
  /** Whose flags are compiled: the plan of the run, or the one at hand when there was never a run. */
  readonly plan: Plan;
}

/** A controller appends a few times a second at most: whoever loses this often against it meets something else. */
const attemptLimit = 20;

/**
 * Journals a person's command whether or not a controller runs, in one append with the flag document that it leads to: when
 * this returns, a switched-off flag is off. `build` sees the newest state, and all entries that led to it, and may be called
 * again when it has moved on; an empty answer means that there is nothing to do.
 * @returns the entries written.
 * @throws Error when the journal kept moving on, or the store cannot be reached.
 */
export async function appendOperatorCommand(
  { store, plan }: OperatorCommandOptions,
  build: (journal: JournalState, entries: readonly JournalEntry[]) => readonly EventDraft[],
): Promise<readonly JournalEntry[]> {
  let journal = emptyJournal;
  const entries: JournalEntry[] = [];
  for (let attempt = 1; attempt <= attemptLimit; attempt += 1) {
    const news = await store.readJournal(journal.headSeq);
    journal = foldJournal(journal, news);
    for (const entry of news) entries.push(entry);
    const drafts = build(journal, entries);
    const [first] = drafts;
    if (!first) return [];
    const request = withFlagDocument(plan, journal, drafts, first, await store.now());
    const answer = await store.append({ ...request, expectedSeq: journal.headSeq, token: null });
    if (answer.status === 'appended') return answer.entries;
  }
  throw new Error(
    `the journal moved on ${attemptLimit} times while the command was being written: nothing was changed`,
  );
}
