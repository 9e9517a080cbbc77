import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainEntries, genesisHash, verifyChain } from './chain.ts';
import type { EventDraft } from './events.ts';
import { canonicalJson } from './json.ts';

function drafts(count: number): EventDraft[] {
  return Array.from({ length: count }, (_, index) => ({
    runId: 'run-1',
    actor: 'test',
    event: { type: 'phase.started', phase: `phase-${index}` } as const,
  }));
}

const entries = chainEntries(drafts(5), { seq: 0, hash: genesisHash }, 1_000);

describe('the journal chain', () => {
  it('verifies as it was written', () => {
    expect(verifyChain(entries)).toEqual({ ok: true, entries: 5, head: entries[4]?.hash });
  });

  it('goes on over several appends', () => {
    const more = chainEntries(drafts(2), { seq: 5, hash: entries[4]?.hash ?? '' }, 2_000);
    expect(verifyChain([...entries, ...more])).toMatchObject({ ok: true, entries: 7 });
  });

  it('names the first entry whose content was changed', () => {
    const forged = entries.map((entry) => (entry.seq === 3 ? { ...entry, actor: 'somebody else' } : entry));
    expect(verifyChain(forged)).toMatchObject({ ok: false, seq: 3 });
  });

  it('names the entry that is missing', () => {
    expect(verifyChain(entries.filter((entry) => entry.seq !== 2))).toMatchObject({ ok: false, seq: 2 });
  });

  it('sees a later time', () => {
    const forged = entries.map((entry) => (entry.seq === 4 ? { ...entry, atMs: 1_001 } : entry));
    expect(verifyChain(forged)).toMatchObject({ ok: false, seq: 4 });
  });
});

describe('canonical JSON', () => {
  it('is one text for equal values, whatever the order of their members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
    );
  });

  it.each([[Number.NaN], [[undefined]], [new Date(0)], [() => 1]])(
    'refuses what JSON cannot say: %s',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});
