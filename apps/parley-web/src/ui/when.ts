import { t } from '../texts/index.ts';

const clock = new Intl.DateTimeFormat(t.language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const weekday = new Intl.DateTimeFormat(t.language, { weekday: 'short' });
const dayOfYear = new Intl.DateTimeFormat(t.language, { day: 'numeric', month: 'short' });
const dayOfOtherYear = new Intl.DateTimeFormat(t.language, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const longDay = new Intl.DateTimeFormat(t.language === 'en' ? 'en-GB' : t.language, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
});
const longDayOfOtherYear = new Intl.DateTimeFormat(t.language === 'en' ? 'en-GB' : t.language, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

const dayMs = 86_400_000;
const startOfDay = (date: Date): number =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
const daysBetween = (earlier: Date, later: Date): number =>
  Math.round((startOfDay(later) - startOfDay(earlier)) / dayMs);

/** 16:48 */
export const timeOf = (date: Date): string => clock.format(date);

/** The time if it was today, the weekday in the last week, else the date. */
export function shortWhen(date: Date, now: Date = new Date()): string {
  const days = daysBetween(date, now);
  if (days <= 0) return timeOf(date);
  if (days < 7) return weekday.format(date);
  return (date.getFullYear() === now.getFullYear() ? dayOfYear : dayOfOtherYear).format(date);
}

/** "Today, Thursday 20 November" */
export function dayHeading(date: Date, now: Date = new Date()): string {
  const days = daysBetween(date, now);
  const long = (date.getFullYear() === now.getFullYear() ? longDay : longDayOfOtherYear)
    .format(date)
    .replace(',', '');
  if (days === 0) return `${t.talk.today}, ${long}`;
  if (days === 1) return `${t.talk.yesterday}, ${long}`;
  return long;
}

/** "16:48" of today, else "Tuesday 11 November, 16:48". */
export function fullWhen(date: Date, now: Date = new Date()): string {
  return daysBetween(date, now) === 0 ? timeOf(date) : `${dayHeading(date, now)}, ${timeOf(date)}`;
}
