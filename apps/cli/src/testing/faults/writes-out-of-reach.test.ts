import { chainEntries, genesisHash, type RunEvent } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { writesOutOfReach } from './writes-out-of-reach.ts';

const started: RunEvent = { type: 'step.started', step: 'index' };
const ended: RunEvent = { type: 'run.completed' };
const drafts = [started, ended].map((event) => ({ runId: 'run', actor: 'controller', event }));
const entries = chainEntries(drafts, { seq: 0, hash: genesisHash }, 1_000);
const renewalMs = 500;

/** So many writes that found this number of entries, one a millisecond. */
const writes = (count: number, seq: number, fromMs: number) =>
  Array.from({ length: count }, (_, index) => ({ seq, atMs: fromMs + index }));
const run = { entries, writes: [...writes(2, 0, 0), ...writes(6, 1, 10), ...writes(1, 2, 20)] };
const beginning = { milestone: null, writes: 2 };
const atStart = { milestone: { type: 'step.started' }, writes: 6 };
const atEnd = { milestone: { type: 'run.completed' }, writes: 1 };

describe('writes out of reach', () => {
  it('are none when each place reaches as far as the next one', () => {
    expect(writesOutOfReach(run, [beginning, atStart, atEnd], renewalMs)).toEqual([]);
  });

  it('are those that lie too far after the last place, by their number', () => {
    // One more than is said may be a renewal.
    expect(writesOutOfReach(run, [beginning, { ...atStart, writes: 3 }, atEnd], renewalMs)).toEqual([
      'write 5 after step.started',
      'write 6 after step.started',
    ]);
    expect(writesOutOfReach(run, [beginning, { ...atStart, writes: 5 }], renewalMs)).toEqual([
      'write 7 after step.started',
    ]);
    expect(writesOutOfReach(run, [{ ...beginning, writes: 0 }, atStart, atEnd], renewalMs)).toEqual([
      'write 1 after the beginning',
      'write 2 after the beginning',
    ]);
  });

  it('are not the renewals of a lease while something took its time', () => {
    const slow = Array.from({ length: 9 }, (_, index) => ({ seq: 1, atMs: index * renewalMs }));
    expect(writesOutOfReach({ entries, writes: slow }, [{ ...atStart, writes: 1 }], renewalMs)).toEqual([]);
  });

  it('are not those before the first place', () => {
    expect(writesOutOfReach(run, [atEnd], renewalMs)).toEqual([]);
  });
});
