import type { Random } from './random.ts';
import { weighted } from './random.ts';

const DAY_MS = 86_400_000;
export const WEEK_MS = 7 * DAY_MS;
const WEEKS = 52;
/** A Monday, 00:00 UTC. Weeks are counted from here, so that a shift by weeks keeps the weekdays. */
const FIRST_MONDAY_MS = Date.UTC(2001, 0, 1);

const WEEKDAY = [1, 1.08, 1.12, 1.05, 0.82, 0.06, 0.05];
const HOUR = [
  0.01, 0.01, 0.01, 0.01, 0.02, 0.08, 0.3, 0.8, 1.6, 2.2, 2.3, 1.9, 1.1, 1.5, 2.1, 2, 1.6, 1, 0.5, 0.3, 0.25,
  0.2, 0.12, 0.05,
];

const drawWeek = weighted([...Array(WEEKS).keys()], (week) => 0.75 + week / WEEKS);
const drawDay = weighted([0, 1, 2, 3, 4, 5, 6], (day) => WEEKDAY[day] ?? 0);
const drawHour = weighted([...Array(24).keys()], (hour) => HOUR[hour] ?? 0);

/** The year of the sample. It ends with the last full week before `nowMs`, so nothing lies in the future. */
export function yearBefore(nowMs: number): { startMs: number; endMs: number } {
  const weeks = Math.floor((nowMs - FIRST_MONDAY_MS) / WEEK_MS);
  const endMs = FIRST_MONDAY_MS + weeks * WEEK_MS;
  return { startMs: endMs - WEEKS * WEEK_MS, endMs };
}

/**
 * When somebody begins to talk, in milliseconds from the start of the year: by day, in the week, a little more each
 * month; `hours` narrows it to a time of day.
 */
export function momentOfYear(random: Random, hours = { from: 0, to: 23 }): number {
  const dayMs = drawWeek(random) * WEEK_MS + drawDay(random) * DAY_MS;
  let hour = drawHour(random);
  while (hour < hours.from || hour > hours.to) hour = drawHour(random);
  return dayMs + hour * 3_600_000 + random.between(0, 3_599_999);
}

export const YEAR_MS = WEEKS * WEEK_MS;
