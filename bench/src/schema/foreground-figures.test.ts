import { describe, expect, it } from 'vitest';
import { foregroundFigures } from './foreground-figures.ts';

const every10Ms = Array.from({ length: 100 }, (_, at) => at * 10);
const whole = { fromMs: 0, untilMs: 1_000 };

describe('what people felt', () => {
  it('is nothing where all is quick', () => {
    const felt = foregroundFigures({ dueMs: every10Ms, tookMs: every10Ms.map(() => 2), failures: [] }, whole);
    expect(felt).toEqual({
      queries: 100,
      failed: 0,
      p95Ms: 2,
      p99Ms: 2,
      longestMs: 2,
      stalledMs: 0,
      stalledPercent: 0,
    });
  });

  it('is the whole of a standstill, for all that was due in it', () => {
    const tookMs = every10Ms.map((dueMs) => (dueMs >= 200 && dueMs < 700 ? 700 - dueMs : 0));
    const felt = foregroundFigures({ dueMs: every10Ms, tookMs, failures: [] }, whole);
    expect(felt).toMatchObject({ longestMs: 500, p99Ms: 490, stalledPercent: 51 });
  });

  it('is no standstill where some are slow and others are answered', () => {
    const tookMs = every10Ms.map((_, at) => (at % 4 === 0 ? 900 : 1));
    const felt = foregroundFigures({ dueMs: every10Ms, tookMs, failures: [] }, whole);
    expect(felt.stalledPercent).toBe(0);
  });

  it('is a standstill to its end where there was no answer any more', () => {
    const given = { dueMs: [0, 100, 200], tookMs: [0, 1, 5_000], failures: [{ dueMs: 300, why: 'gone' }] };
    expect(foregroundFigures(given, whole)).toMatchObject({
      queries: 3,
      failed: 1,
      longestMs: 5_000,
      stalledPercent: 100,
    });
  });

  it('leaves out what was due before the window and after it', () => {
    const given = {
      dueMs: every10Ms,
      tookMs: every10Ms.map((dueMs) => (dueMs < 100 ? 90 : 1)),
      failures: [{ dueMs: 50, why: 'too early' }],
    };
    const felt = foregroundFigures(given, { fromMs: 100, untilMs: 600 });
    expect(felt).toMatchObject({ queries: 50, failed: 0, longestMs: 1 });
  });
});
