import { noFlagUse, type FlagUse, type JournalEntry, type RunEvent } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { spanOfRun, useFigures } from './use-figures.ts';

const published = (revision: number): RunEvent => ({ type: 'flags.published', revision, digest: '' });
const killed = (flag: string): RunEvent => ({ type: 'flag.killed', flag, reason: 'it burns' });
const enabled = (flag: string): RunEvent => ({ type: 'flag.enabled', flag, reason: '' });
const asked: RunEvent = { type: 'rollback.requested', reason: 'enough' };

/** One entry a second, beginning at 0 ms. */
const journal = (...events: readonly RunEvent[]): readonly JournalEntry[] =>
  events.map((event, index) => ({
    seq: index + 1,
    runId: 'run-1',
    actor: 'test',
    event,
    atMs: index * 1_000,
    previous: '',
    hash: '',
  }));

const shown = (variant: string, people: number, firstRevision: number, lastRevision = firstRevision) => ({
  segment: null,
  flag: 'search',
  variant,
  firstRevision,
  lastRevision,
  people,
});
const figures = (use: Partial<FlagUse>, ...events: readonly RunEvent[]) =>
  useFigures(['search'], journal(...events), { ...noFlagUse, ...use }, 60_000);
const ofSearch = (use: Partial<FlagUse>, ...events: readonly RunEvent[]) =>
  figures(use, ...events).flags['search'];

describe('who was shown what', () => {
  it('is counted by person, of those for whom the application asked', () => {
    const use: Partial<FlagUse> = {
      seen: [
        { segment: null, flag: 'search', people: 100 },
        { segment: 'power', flag: 'search', people: 10 },
        { segment: null, flag: 'calls', people: 7 },
      ],
      exposures: [
        shown('on', 20, 1, 3),
        shown('on', 40, 3),
        shown('control', 5, 1),
        shown('off', 90, 1),
        { ...shown('on', 8, 1), segment: 'power' },
      ],
      uses: [{ event: 'search', people: 33 }],
    };
    expect(ofSearch(use, published(1))).toEqual({
      asked: 100,
      on: 60,
      heldBack: 5,
      adoption: 0.6,
      usedBy: 33,
      turnedOff: 0,
      bySegment: { power: { asked: 10, on: 8 } },
    });
  });

  it('is nobody, and no share, where nothing was reported', () => {
    expect(ofSearch({}, published(1))).toMatchObject({ asked: 0, on: 0, adoption: null, usedBy: null });
  });
});

describe('who had a flag and then had it no more', () => {
  const turns = [{ flag: 'search', onRevision: 2, offRevision: 4, people: 3 }];
  const before = [published(1), published(2)];

  it('is counted when nothing explains it', () => {
    expect(ofSearch({ turns }, ...before, published(3), published(4))?.turnedOff).toBe(3);
  });

  it.each<[string, RunEvent]>([
    ['the kill switch', killed('search')],
    ['a roll-back', asked],
    [
      'a word for one person',
      { type: 'override.set', flag: 'search', targetingKey: 'a', value: 'off', reason: '' },
    ],
  ])('is explained by %s in between', (_what, event) => {
    expect(ofSearch({ turns }, ...before, event, published(3), published(4))?.turnedOff).toBe(0);
  });

  it.each<[string, readonly RunEvent[]]>([
    ['before they had it', [published(1), killed('search'), published(2), published(4)]],
    ['afterwards', [...before, published(4), killed('search'), published(5)]],
    ['of another flag', [...before, killed('calls'), published(3), published(4)]],
  ])('is not explained by the kill switch %s', (_what, events) => {
    expect(ofSearch({ turns }, ...events)?.turnedOff).toBe(3);
  });
});

describe('each use of the kill switch', () => {
  const events = [published(1), killed('search'), published(2), enabled('search'), published(3)];
  const receipt = (process: string, revision: number, atMs: number) => ({ process, revision, atMs });

  it('tells how long it took until the last process went by it', () => {
    const receipts = [
      receipt('a', 1, 100),
      receipt('a', 2, 1_012),
      receipt('b', 1, 100),
      receipt('b', 3, 1_200),
    ];
    expect(figures({ receipts }, ...events).switchedOff).toEqual([
      {
        flag: 'search',
        at: '1970-01-01T00:00:01.000Z',
        reason: 'it burns',
        processes: 2,
        offEverywhereAfterMs: 200,
        shownAfterwards: 0,
      },
    ]);
  });

  it('does not call it off everywhere while a process that is alive has not said so', () => {
    const receipts = [receipt('a', 2, 1_012), receipt('b', 1, 100)];
    const processes = [{ process: 'b', lastAtMs: 30_000 }];
    const [told] = figures({ receipts, processes }, ...events).switchedOff;
    expect(told).toMatchObject({ processes: 2, offEverywhereAfterMs: null });
  });

  it('leaves out a process that had ended before', () => {
    const receipts = [receipt('a', 2, 1_012), receipt('b', 1, 100)];
    const processes = [{ process: 'b', lastAtMs: 900 }];
    const [told] = figures({ receipts, processes }, ...events).switchedOff;
    expect(told).toMatchObject({ processes: 1, offEverywhereAfterMs: 12 });
  });

  it('counts who was shown the flag all the same, until it was released', () => {
    const exposures = [shown('on', 5, 1, 1), shown('on', 2, 1, 2), shown('on', 9, 1, 3)];
    expect(figures({ exposures }, ...events).switchedOff[0]?.shownAfterwards).toBe(2);
  });
});

describe('the reports that belong to a run', () => {
  it('begin with its first flags, and end with its last or the moment of the report', () => {
    const run = { startedAtMs: 5 } as Parameters<typeof spanOfRun>[0];
    expect(spanOfRun(run, journal(published(4), asked, published(7)), 90)).toEqual({
      fromRevision: 4,
      toRevision: 7,
      fromMs: 5,
      toMs: 90,
    });
    expect(spanOfRun(run, journal(asked), 90)).toBeUndefined();
  });
});
