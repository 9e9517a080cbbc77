import { describe, expect, it } from 'vitest';
import { chainEntries, chainHash, entryBody, genesisHash, verifyChain } from './chain.ts';
import type { EventDraft } from './events.ts';
import { canonicalJson } from './json.ts';
import { TerminalError } from './step-type.ts';

const draft: EventDraft = { runId: 'run-1', actor: 'ann', event: { type: 'phase.started', phase: 'one' } };
const entries = chainEntries([draft, draft, draft], { seq: 0, hash: genesisHash }, 1_767_571_200_000);

describe('the text that is hashed', () => {
  it('never changes: journals of earlier versions must still verify', () => {
    expect(genesisHash).toBe('3a4782751e323fd37b34a6b630a5c144a3b3ea8cf08eb6bfe617cf1b326c1cf7');
    expect(entryBody(draft, 1_767_571_200_000)).toBe(
      '{"actor":"ann","atMs":1767571200000,"event":{"phase":"one","type":"phase.started"},"runId":"run-1"}',
    );
    expect(entries[0]?.hash).toBe('a1d3aace63859f03f8089b9516183ccad82509c027141e3d298dae22ee9606d7');
  });
});

describe('what is wrong with a chain', () => {
  it('is an entry that is missing, at its number', () => {
    expect(verifyChain(entries.filter(({ seq }) => seq !== 2))).toEqual({
      ok: false,
      seq: 2,
      reason: 'entry 2 is missing: the next one is 3',
    });
  });

  it('is an entry put in the place of another, whole in itself but of another chain', () => {
    const previous = 'f'.repeat(64);
    const forged = { ...draft, seq: 2, atMs: 5, previous };
    const hash = chainHash({ seq: 2, previous, body: entryBody(forged, 5) });
    const [first, , third] = entries;
    if (!first || !third) throw new Error('three entries were chained');
    expect(verifyChain([first, { ...forged, hash }, third])).toEqual({
      ok: false,
      seq: 2,
      reason: `names ffffffffffff… as its predecessor, which is ${first.hash.slice(0, 12)}…`,
    });
  });

  it('is an entry that says something else than when it was written', () => {
    const [first] = entries;
    if (!first) throw new Error('three entries were chained');
    const forged = { ...first, actor: 'bob' };
    const hash = chainHash({ seq: 1, previous: genesisHash, body: entryBody(forged, first.atMs) });
    expect(verifyChain([forged])).toEqual({
      ok: false,
      seq: 1,
      reason: `its content gives ${hash.slice(0, 12)}…, the journal says ${first.hash.slice(0, 12)}…`,
    });
  });

  it('is nothing, for a journal without entries', () => {
    expect(verifyChain([])).toEqual({ ok: true, entries: 0, head: genesisHash });
  });
});

describe('canonical JSON', () => {
  it('sorts by code unit, as RFC 8785 does, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: [true, null], Z: { y: 'ä', x: undefined }, é: 2, '10': 0, '9': 0 })).toBe(
      '{"10":0,"9":0,"Z":{"y":"ä"},"a":[true,null],"b":1,"é":2}',
    );
  });

  it.each([
    [Number.POSITIVE_INFINITY, 'JSON has no number Infinity'],
    [[undefined], 'JSON cannot hold a undefined'],
    [new Map(), 'JSON cannot hold a Map'],
    [{ at: 1n }, 'JSON cannot hold a bigint'],
  ])('names what it cannot hold: %s', (value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
  });

  it('takes a map without a prototype for a map', () => {
    const bare: object = Object.assign(Object.create(null), { a: 1 });
    expect(canonicalJson(bare)).toBe('{"a":1}');
  });
});

it('an error that ends the work at once is known by its name, also when it came from another copy of this code', () => {
  expect(new TerminalError('no such file')).toMatchObject({ name: 'TerminalError', message: 'no such file' });
});
