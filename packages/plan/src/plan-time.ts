/**
 * A moment of the plan's calendar: a weekday and a time of day in a week of the run (`week 2 tuesday 09:00`), or a date.
 * Weeks count from 1; weekdays from 0 (Monday) to 6 (Sunday).
 */
export type PlanTime =
  | {
      readonly kind: 'weekday';
      readonly week: number;
      readonly weekday: number;
      readonly minuteOfDay: number | null;
    }
  | { readonly kind: 'date'; readonly isoDate: string; readonly minuteOfDay: number | null };

export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const weekdayPattern = /^week\s+(\d{1,3})\s+([a-z]+)(?:\s+(\d{1,2}):(\d{2}))?$/i;
const datePattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}):(\d{2}))?$/;

/** Reads `week 2 tuesday`, `week 2 tuesday 09:00`, `2026-02-01` or `2026-02-01 09:00`; undefined for anything else. */
export function parsePlanTime(text: string): PlanTime | undefined {
  const relative = weekdayPattern.exec(text.trim());
  if (relative) {
    const weekday = weekdays.findIndex((name) => name === relative[2]?.toLowerCase());
    const week = Number(relative[1]);
    const minuteOfDay = parseMinuteOfDay(relative[3], relative[4]);
    if (weekday < 0 || week < 1 || minuteOfDay === undefined) return undefined;
    return { kind: 'weekday', week, weekday, minuteOfDay };
  }
  const absolute = datePattern.exec(text.trim());
  if (!absolute?.[1] || !isRealDate(absolute[1])) return undefined;
  const minuteOfDay = parseMinuteOfDay(absolute[2], absolute[3]);
  if (minuteOfDay === undefined) return undefined;
  return { kind: 'date', isoDate: absolute[1], minuteOfDay };
}

function parseMinuteOfDay(hours: string | undefined, minutes: string | undefined): number | null | undefined {
  if (hours === undefined || minutes === undefined) return null;
  const total = Number(hours) * 60 + Number(minutes);
  return Number(hours) < 24 && Number(minutes) < 60 ? total : undefined;
}

function isRealDate(isoDate: string): boolean {
  const ms = Date.parse(`${isoDate}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(isoDate);
}

/** Where a run's week 1 lies: plan time 0 is 00:00 UTC of the Monday of week 1. */
export interface CalendarAnchor {
  readonly week1IsoDate: string;
  readonly defaultMinuteOfDay: number;
}

/** Milliseconds from 00:00 of the Monday of week 1 to the given moment. */
export function planTimeOffsetMs(time: PlanTime, anchor: CalendarAnchor): number {
  const ofDayMs = (time.minuteOfDay ?? anchor.defaultMinuteOfDay) * minuteMs;
  if (time.kind === 'weekday') return ((time.week - 1) * 7 + time.weekday) * dayMs + ofDayMs;
  const days = Date.parse(`${time.isoDate}T00:00:00Z`) - Date.parse(`${anchor.week1IsoDate}T00:00:00Z`);
  return days + ofDayMs;
}

/** "week 2, Tue 09:00" for an offset from plan time 0. */
export function describeOffset(offsetMs: number): string {
  const day = Math.floor(offsetMs / dayMs);
  const minute = Math.floor((offsetMs - day * dayMs) / minuteMs);
  const name = `${weekdays[((day % 7) + 7) % 7]}`;
  const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `week ${Math.floor(day / 7) + 1}, ${name.slice(0, 1).toUpperCase()}${name.slice(1, 3)} ${clock}`;
}
