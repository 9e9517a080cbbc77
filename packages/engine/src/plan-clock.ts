import type { CalendarAnchor } from '@crossfade/plan';
import type { RunState } from './state.ts';

/** Plan time runs `speed` times as fast as real time, from where the run started in week 1. Both directions, in ms. */
export interface PlanClock {
  readonly anchor: CalendarAnchor;
  planMs(realMs: number): number;
  realMs(planMs: number): number;
}

export function planClock(run: RunState, defaultMinuteOfDay: number): PlanClock {
  const { speed, planStartOffsetMs, week1IsoDate } = run.start;
  return {
    anchor: { week1IsoDate, defaultMinuteOfDay },
    planMs: (realMs) => planStartOffsetMs + (realMs - run.startedAtMs) * speed,
    realMs: (planMs) => run.startedAtMs + (planMs - planStartOffsetMs) / speed,
  };
}
