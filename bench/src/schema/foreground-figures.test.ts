import { describe, expect, it } from 'vitest';
import { foregroundFigures } from './foreground-figures.ts';

const every10Ms = Array.from({ length: 100 }, (_, at) => at * 10);

describe('what people felt', () => {
  it('is nothing where all is quick', () => {
    const felt = foregroundFigures({ dueMs: every10Ms, tookMs: every10Ms.map(() => 2), failures: [] });
    expect(felt).toEqual({ queries: 100, failed: 0, p99Ms: 2, longestMs: 2, stalledPercent: 0 });
  });

  it('counts a standstill by all that was due in it', () => {
    const tookMs = every10Ms.map((dueMs) => (dueMs < 500 ? 1_000 - dueMs : 1));
    const felt = foregroundFigures({ dueMs: every10Ms, tookMs, failures: ['gone'] });
    expect(felt).toMatchObject({ longestMs: 1_000, stalledPercent: 50, failed: 1 });
  });

  it('is no standstill where some are slow and others go on', () => {
    const tookMs = every10Ms.map((_, at) => (at % 4 === 0 ? 900 : 1));
    expect(foregroundFigures({ dueMs: every10Ms, tookMs, failures: [] }).stalledPercent).toBe(0);
  });
});
