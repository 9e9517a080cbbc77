import { describe, expect, it } from 'vitest';
import type { ClientRequest } from './client-log.ts';
import { requestFigures } from './request-figures.ts';

function requests(...latenciesMs: number[]): ClientRequest[] {
  return latenciesMs.map((ms) => ({ kind: 'request', at: 0, action: 'list', ms, ok: true, tries: 1 }));
}

describe('request figures', () => {
  it('takes quantiles by nearest rank, whatever the order', () => {
    const figures = requestFigures(requests(...Array.from({ length: 100 }, (_, index) => 100 - index)));
    expect(figures).toMatchObject({ total: 100, failed: 0, p50Ms: 50, p95Ms: 95, p99Ms: 99 });
  });

  it('counts what failed', () => {
    const [first, second] = requests(1, 2);
    if (!first || !second) throw new Error('two requests were made');
    expect(requestFigures([first, { ...second, ok: false }]).failed).toBe(1);
  });

  it('has no quantiles of nothing', () => {
    expect(requestFigures([])).toEqual({ total: 0, failed: 0, p50Ms: null, p95Ms: null, p99Ms: null });
  });
});
