import { chainEntries, genesisHash, type JournalEntry, type RunEvent } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { problemsOfJournal } from './examine.ts';

const outcome = { status: 'succeeded', result: {}, activeMs: 1, attempts: 1 } as const;
const finished = (key: string): RunEvent => ({ type: 'effect.finished', key, outcome });
const completed = (step: string): RunEvent => ({ type: 'step.completed', step, summary: '', facts: {} });

function journalOf(...events: readonly RunEvent[]): readonly JournalEntry[] {
  const drafts = events.map((event) => ({ runId: 'run', actor: 'controller', event }));
  return chainEntries(drafts, { seq: 0, hash: genesisHash }, 1_000);
}

describe('problemsOfJournal', () => {
  it('finds none where everything happened once', () => {
    expect(problemsOfJournal(journalOf(finished('a'), finished('b'), completed('a')))).toEqual([]);
  });

  it('names effects and steps that ended twice', () => {
    const problems = problemsOfJournal(
      journalOf(finished('a'), finished('a'), completed('b'), completed('b')),
    );
    expect(problems).toEqual(['effects finished twice: a', 'steps completed twice: run b']);
  });

  it('says where an entry was changed later', () => {
    const [first, ...rest] = journalOf(finished('a'), finished('b'));
    if (!first) throw new Error('expected an entry');
    expect(problemsOfJournal([{ ...first, actor: 'somebody' }, ...rest])).toEqual([
      expect.stringContaining("the journal's chain is broken"),
    ]);
  });
});
