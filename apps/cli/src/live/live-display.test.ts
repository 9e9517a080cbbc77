import { emptyJournal } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { starterPlan } from '../starter-plan.ts';
import { plainDisplay } from './live-display.ts';

const { bound } = checkPlan(starterPlan);
if (!bound) throw new Error('the starter plan is not valid any more');
const plan = bound;

describe('the display of a log or a pipe', () => {
  const nothing = {
    journal: emptyJournal,
    nowMs: null,
    verdicts: {},
    waiting: {},
    effects: [],
    problem: null,
  };

  it('says once whom it waits for', () => {
    const lines: string[] = [];
    const display = plainDisplay(plan, (text) => lines.push(text));
    for (const expiresInMs of [3_000, 2_000, 1_000]) {
      const leadership = { status: 'waiting', holder: 'host/7', expiresInMs } as const;
      display.snapshot({ ...nothing, leadership, waitsFor: `waiting for host/7, ${expiresInMs}` }, undefined);
    }
    expect(lines).toEqual(['waiting for host/7, 3000']);
  });

  it('tells each problem once, and when it is over, while two of them alternate', () => {
    const lines: string[] = [];
    const display = plainDisplay(plan, (text) => lines.push(text));
    for (const problem of [null, 'no answer', 'no lease', 'no answer', 'no lease', null, null, 'no answer']) {
      display.snapshot({ ...nothing, leadership: { status: 'asking' }, problem, waitsFor: '' }, undefined);
    }
    expect(lines).toEqual(['! no answer', '! no lease', '✔ That is over.', '! no answer']);
  });
});
