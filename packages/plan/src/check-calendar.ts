import type { Draft } from './draft.ts';
import type { DocumentPath } from './finding.ts';
import type { PlanTime } from './plan-time.ts';
import type { Report } from './report.ts';

/** Weeks beyond the calendar are errors; dates that have passed are warnings. */
export function checkCalendar(
  times: readonly { path: DocumentPath; time: PlanTime }[],
  draft: Draft,
  today: string,
  report: Report,
): void {
  for (const { path, time } of times) {
    if (time.kind === 'weekday' && draft.weeks !== undefined && time.week > draft.weeks) {
      const message = `Week ${time.week} lies beyond the calendar, which has ${draft.weeks} weeks.`;
      report.add({ path, message, expected: `a week from 1 to ${draft.weeks}, or a larger calendar.weeks` });
    }
    if (time.kind === 'date' && time.isoDate < today) {
      const message = `The date ${time.isoDate} has passed: this would begin at once.`;
      const expected = 'a date from today on, or a weekday of the calendar such as "week 2 tuesday"';
      report.add({ path, message, expected, severity: 'warning' });
    }
  }
}

/** Moments of the calendar wherever they stand in the parsed settings of a step. */
export function planTimesIn(value: unknown, path: DocumentPath): { path: DocumentPath; time: PlanTime }[] {
  if (isPlanTime(value)) return [{ path, time: value }];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) =>
    planTimesIn(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function isPlanTime(value: unknown): value is PlanTime {
  if (value === null || typeof value !== 'object' || !('kind' in value) || !('minuteOfDay' in value))
    return false;
  return (value.kind === 'weekday' && 'week' in value) || (value.kind === 'date' && 'isoDate' in value);
}
