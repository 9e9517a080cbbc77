import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePace, fullPace, inTheDark, type PaceState, type Signals } from './decide-pace.ts';
import { throttleSchema, type ThrottleConfig } from './throttle-config.ts';

const calm: Signals = {
  p95Ms: 80,
  errorPercent: 0,
  activeSessions: 2,
  waitingSessions: 0,
  walBytesPerSecond: 1_000,
  replicaLagMs: null,
  archivingFails: false,
  isVacuumed: false,
  oldestTransactionMs: 5,
  minuteOfDay: 12 * 60,
};
const limitsOf = (settings: object): ThrottleConfig => {
  const limits = throttleSchema.parse(settings);
  if (limits === 'off') throw new Error('expected limits');
  return limits;
};
const latency = { histogram: 'request_seconds', p95_below: '200ms' };
const every = limitsOf({
  latency,
  errors: { metric: 'failed', of: { metric: 'all' }, percent_below: 1 },
  max_active_sessions: 20,
  max_wal_per_second: 1_000_000,
  max_oldest_transaction: '10m',
  pause_for_vacuum: true,
});

/** A look each second, from full pace. */
function after(looks: readonly Partial<Signals>[], limits = every): PaceState {
  return looks.reduce<PaceState>(
    (state, change, at) => decidePace(state, { ...calm, ...change }, limits, at * 1_000),
    fullPace,
  );
}
const times = (count: number, change: Partial<Signals> = {}) => Array.from({ length: count }, () => change);

describe('the pace of a backfill', () => {
  it('is full while nothing is in the way', () => {
    expect(after(times(10))).toMatchObject({ duty: 1, pausedBecause: null, slowedBecause: null });
  });

  it.each([
    [{ p95Ms: 212 }, 'slowed: p95 212 ms > 200 ms'],
    [{ activeSessions: 21 }, 'slowed: 21 sessions at work > 20'],
    [{ walBytesPerSecond: 2_000_000 }, 'slowed: 2,000,000 bytes of WAL a second > 1,000,000'],
  ])('is slowed by a third with each look at %j', (change, reason) => {
    expect(after([{}, change])).toMatchObject({ duty: 0.7, slowedBecause: reason });
    expect(after(times(3, change)).duty).toBeCloseTo(0.343);
    expect(after(times(100, change)).duty).toBe(0.02);
  });

  it.each([
    [{ errorPercent: 1.25 }, '1.25 % of what people ask for fails, 1 % or more'],
    [{ waitingSessions: 11 }, '11 sessions waiting for locks, more than 10'],
    [{ replicaLagMs: 45_000 }, 'a replica is 45 s behind, more than 30 s'],
    [{ archivingFails: true }, 'the server cannot archive its WAL'],
    [{ isVacuumed: true }, 'the table is being vacuumed'],
    [{ oldestTransactionMs: 700_000 }, 'a transaction is open for 11 min 40 s, more than 10 min'],
  ])('is none at once at %j', (change, reason) => {
    expect(after([{}, change])).toMatchObject({ pausedBecause: reason });
  });

  it('comes back slowly a few seconds after what stood in its way has gone', () => {
    const paused = [{ waitingSessions: 50 }];
    expect(after([...paused, ...times(2)])).toMatchObject({ pausedBecause: expect.any(String) as string });
    expect(after([...paused, ...times(3)])).toMatchObject({ pausedBecause: null, duty: 0.2 });
    expect(after([...paused, ...times(7)]).duty).toBeCloseTo(0.4);
    expect(after([...paused, ...times(30)])).toMatchObject({ duty: 1, slowedBecause: null });
  });

  it('waits before it recovers from a slow-down', () => {
    expect(after([{ p95Ms: 300 }, ...times(2)]).duty).toBe(0.7);
    expect(after([{ p95Ms: 300 }, ...times(4)]).duty).toBeCloseTo(0.8);
  });

  it('is half at most where nobody knows how people fare: no word of them is no health', () => {
    expect(after(times(60, { p95Ms: null }))).toMatchObject({
      duty: 0.5,
      slowedBecause: 'slowed: what request_seconds says is not known',
    });
    expect(after(times(60, { p95Ms: null }), limitsOf({})).duty).toBe(1);
  });

  it('is half at most where nobody knows what fails, and a pause for errors is not ended by silence', () => {
    expect(after(times(60, { errorPercent: null }))).toMatchObject({
      duty: 0.5,
      slowedBecause: 'slowed: what all says is not known',
    });
    const failing = [{ errorPercent: 5 }];
    expect(after([...failing, ...times(20, { errorPercent: null })])).toMatchObject({
      pausedBecause: '5.00 % of what people ask for fails, 1 % or more',
    });
    expect(after([...failing, ...times(4)])).toMatchObject({ pausedBecause: null });
    // Where nobody is left to ask for anything, nobody is disturbed.
    expect(after([...failing, ...times(70, { errorPercent: null })])).toMatchObject({ pausedBecause: null });
  });

  it('is half at most while nobody looks, and a pause stays one', () => {
    expect(inTheDark(fullPace)).toMatchObject({ duty: 0.5, pausedBecause: null });
    const paused = after([{ archivingFails: true }]);
    expect(inTheDark(paused)).toEqual(paused);
  });

  it.each([
    [['22:00-06:00'], 23 * 60, null],
    [['22:00-06:00'], 5 * 60 + 59, null],
    [['22:00-06:00'], 6 * 60, 'outside of 22:00-06:00 UTC'],
    [['01:00-02:00', '12:00-13:00'], 12 * 60, null],
    [['01:00-02:00', '12:00-13:00'], 13 * 60, 'outside of 01:00-02:00, 12:00-13:00 UTC'],
  ])('keeps to hours: %j at minute %d of the day', (hours, minuteOfDay, pausedBecause) => {
    expect(after([{ minuteOfDay }], limitsOf({ hours }))).toMatchObject({ pausedBecause });
  });

  it('is above nothing and at most full whatever is measured, and full again when all is calm', () => {
    const signals = fc.record<Partial<Signals>>({
      p95Ms: fc.option(fc.nat(1_000)),
      errorPercent: fc.option(fc.nat(5)),
      activeSessions: fc.nat(40),
      waitingSessions: fc.nat(20),
      replicaLagMs: fc.option(fc.nat(60_000)),
    });
    fc.assert(
      fc.property(fc.array(signals, { maxLength: 50 }), (looks) => {
        const state = after(looks);
        expect(state.duty).toBeGreaterThan(0);
        expect(state.duty).toBeLessThanOrEqual(1);
        expect(after([...looks, ...times(60)])).toMatchObject({ duty: 1, pausedBecause: null });
      }),
    );
  });
});
