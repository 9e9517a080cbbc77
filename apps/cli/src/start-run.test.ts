import { describe, expect, it } from 'vitest';
import { checkPlan } from './catalogs.ts';
import { runStarted } from './start-run.ts';
import { starterPlan } from './starter-plan.ts';

const { bound } = checkPlan(starterPlan);
const hourMs = 3_600_000;

function start(iso: string, speed: number): { week1: string; hours: number } {
  if (!bound) throw new Error('the starter plan is not valid');
  const { week1IsoDate, planStartOffsetMs } = runStarted(bound, speed, Date.parse(iso));
  return { week1: week1IsoDate, hours: planStartOffsetMs / hourMs };
}

describe('where plan time begins', () => {
  it('is now, in real time: on a Wednesday, Monday and Tuesday of week 1 are over', () => {
    expect(start('2026-11-25T10:00:00Z', 1)).toEqual({ week1: '2026-11-23', hours: 58 });
  });

  it('is before week 1 when a run starts at a weekend: nothing is due until Monday', () => {
    expect(start('2026-11-28T10:00:00Z', 1)).toEqual({ week1: '2026-11-30', hours: -38 });
  });

  it("is the plan's own start when the calendar is compressed", () => {
    expect(start('2026-11-25T10:00:00Z', 20_000)).toEqual({ week1: '2026-11-23', hours: 9 });
  });
});
