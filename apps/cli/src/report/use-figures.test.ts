import { noFlagUse, type FlagUse, type JournalEntry, type RunEvent } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { spanOfRun, useFigures } from './use-figures.ts';

const published = (revision: number): RunEvent => ({ type: 'flags.published', revision, digest: '' });
const killed = (flag: string): RunEvent => ({ type: 'flag.killed', flag, reason: 'it burns' });
const enabled = (flag: string): RunEvent => ({ type: 'flag.enabled', flag, reason: '' });
const opened = (flag: string, percentage = 50): RunEvent => ({
  type: 'exposure.changed',
  flag,
  audiences: [{ segment: null, percentage }],
  reason: '',
});
const started: RunEvent = {
  type: 'run.started',
  plan: 'shop',
  planDigest: '',
  speed: 1,
  week1IsoDate: '2026-11-23',
  planStartOffsetMs: 0,
};
const asked: RunEvent = { type: 'rollback.requested', reason: 'enough' };

interface Append {
  readonly runId: string;
  readonly events: readonly RunEvent[];
}
const inRun = (runId: string, ...events: readonly RunEvent[]): Append => ({ runId, events });
const together = (...events: readonly RunEvent[]): Append => inRun('run-2', ...events);

/** One append a second, beginning at 0 ms; of run-2 where no other is named. */
const journal = (...appends: readonly (RunEvent | Append)[]): readonly JournalEntry[] =>
  appends
    .map((append) => ('events' in append ? append : together(append)))
    .flatMap(({ runId, events }, index) =>
      events.map((event) => ({
        seq: 0,
        runId,
        actor: 'test',
        event,
        atMs: index * 1_000,
        previous: '',
        hash: '',
      })),
    );

const shown = (variant: string, people: number, firstRevision: number, lastRevision = firstRevision) => ({
  segment: null,
  flag: 'search',
  variant,
  firstRevision,
  lastRevision,
  people,
});
const figures = (use: Partial<FlagUse>, ...events: readonly (RunEvent | Append)[]) =>
  useFigures(['search'], 'run-2', journal(...events), { ...noFlagUse, ...use }, 60_000);
const ofSearch = (use: Partial<FlagUse>, ...events: readonly (RunEvent | Append)[]) =>
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
  const loss = { onRevision: 2, offRevision: 4 };
  const turns = [{ flag: 'search', losses: [loss], people: 3 }];
  const before = [published(1), published(2)];

  it('is counted when nothing explains it', () => {
    expect(ofSearch({ turns }, ...before, published(3), published(4))?.turnedOff).toBe(3);
  });

  it.each<[string, readonly (RunEvent | Append)[]]>([
    ['the kill switch', [together(killed('search'), published(3))]],
    ['a roll-back', [asked, published(3)]],
    ['a roll-back of an earlier run', [inRun('run-1', asked), inRun('run-1', published(3))]],
  ])('is explained by %s in between', (_what, events) => {
    expect(ofSearch({ turns }, ...before, ...events, published(4))?.turnedOff).toBe(0);
  });

  it('is counted once when of several losses one is not explained', () => {
    const losses = [loss, { onRevision: 5, offRevision: 6 }];
    const events = [...before, together(killed('search'), published(3)), published(6)];
    expect(ofSearch({ turns: [{ flag: 'search', losses, people: 3 }] }, ...events)?.turnedOff).toBe(3);
  });

  it.each<[string, readonly (RunEvent | Append)[]]>([
    ['before they had it', [published(1), together(killed('search'), published(2)), published(4)]],
    ['afterwards', [...before, published(4), together(killed('search'), published(5))]],
    ['of another flag', [...before, together(killed('calls'), published(3)), published(4)]],
    ['that changed nothing', [...before, killed('search'), published(3), published(4)]],
  ])('is not explained by the kill switch %s', (_what, events) => {
    expect(ofSearch({ turns }, ...events)?.turnedOff).toBe(3);
  });
});

describe('each use of the kill switch', () => {
  const open = together(started, opened('search'), published(1));
  const events = [open, together(killed('search'), published(2)), together(enabled('search'), published(3))];
  const receipt = (process: string, revision: number, atMs: number) => ({ process, revision, atMs });
  const process = (name: string, firstAtMs: number, lastAtMs: number) => ({
    process: name,
    firstAtMs,
    lastAtMs,
  });

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
        wasOn: true,
        processes: 2,
        offEverywhereAfterMs: 200,
        shownAfterwards: 0,
      },
    ]);
  });

  it('does not call it off everywhere while a process that is alive has not said so', () => {
    const receipts = [receipt('a', 1, 90), receipt('a', 2, 1_012), receipt('b', 1, 100)];
    const processes = [process('b', 0, 30_000)];
    const [told] = figures({ receipts, processes }, ...events).switchedOff;
    expect(told).toMatchObject({ processes: 2, offEverywhereAfterMs: null });
  });

  it('leaves out a process that had ended before, and those that began later', () => {
    const receipts = [
      receipt('a', 1, 90),
      receipt('a', 2, 1_012),
      receipt('b', 1, 100),
      receipt('later', 3, 50_000),
    ];
    const processes = [
      process('b', 0, 900),
      process('later', 51_000, 59_000),
      process('silent', 40_000, 59_000),
    ];
    const [told] = figures({ receipts, processes }, ...events).switchedOff;
    expect(told).toMatchObject({ processes: 1, offEverywhereAfterMs: 12 });
  });

  it('was of no consequence where nobody had the flag: what is published next is not its doing', () => {
    const receipts = [receipt('a', 1, 90), receipt('a', 2, 40_000)];
    const [told] = figures({ receipts }, published(1), killed('search'), published(2)).switchedOff;
    expect(told).toMatchObject({ wasOn: false, processes: 0, offEverywhereAfterMs: null });
  });

  it.each<[string, readonly Append[]]>([
    ['was never opened', [together(started, opened('calls'), published(1))]],
    ['was opened to nobody', [together(started, opened('calls'), opened('search', 0), published(1))]],
    [
      'was switched off already',
      [
        together(started, opened('calls'), opened('search'), published(1)),
        together(killed('search'), published(2)),
      ],
    ],
    [
      'was taken back',
      [
        inRun('run-1', started, opened('calls'), { type: 'run.completed' }),
        together(started, opened('search'), published(1)),
        together(asked, published(2)),
      ],
    ],
  ])('was of no consequence for a flag that %s, though others went off with it', (_what, before) => {
    const all = together(killed('search'), killed('calls'), published(3));
    const { switchedOff } = figures({}, ...before, all);
    expect(switchedOff.slice(-2)).toMatchObject([
      { flag: 'search', wasOn: false },
      { flag: 'calls', wasOn: true },
    ]);
  });

  it('was of consequence for what an earlier run had left open', () => {
    const earlier = inRun('run-1', started, opened('search'), published(1), { type: 'run.completed' });
    const told = figures({}, earlier, started, together(killed('search'), published(2))).switchedOff;
    expect(told).toMatchObject([{ flag: 'search', wasOn: true }]);
  });

  it('counts who was shown the flag all the same, until it was released', () => {
    const exposures = [shown('on', 5, 1, 1), shown('on', 2, 1, 2), shown('on', 9, 1, 3)];
    expect(figures({ exposures }, ...events).switchedOff[0]?.shownAfterwards).toBe(2);
  });
});

describe('the reports that belong to a run', () => {
  const run = { runId: 'run-2', startedAtMs: 5 };
  const byName: RunEvent = {
    type: 'override.set',
    flag: 'search',
    targetingKey: 'a',
    value: 'off',
    reason: '',
  };

  it('begin with its first flags, and end with its last or the moment of the report', () => {
    const entries = journal(inRun('run-1', published(3), byName), published(4), asked, published(7));
    expect(spanOfRun(run, entries, 90)).toEqual({
      fromRevision: 4,
      toRevision: 7,
      fromMs: 5,
      toMs: 90,
      overridden: [{ flag: 'search', targetingKey: 'a' }],
    });
    expect(spanOfRun(run, journal(asked), 90)).toBeUndefined();
  });
});
