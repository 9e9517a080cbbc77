import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDurationMs, parseDurationMs } from './duration.ts';
import { describeOffset, parsePlanTime, planTimeOffsetMs } from './plan-time.ts';
import { durationSchema, percentageSchema } from './setting-schemas.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const anchor = { week1IsoDate: '2026-01-05', defaultMinuteOfDay: 540 };

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['1.5s', 1_500],
    ['1.125s', 1_125],
    ['10m', 600_000],
    ['12h', 12 * hourMs],
    ['6d', 6 * dayMs],
    ['2w', 14 * dayMs],
    [' 20 s ', 20_000],
    ['0s', 0],
  ])('"%s" is %d ms', (text, durationMs) => {
    expect(parseDurationMs(text)).toBe(durationMs);
  });

  it.each(['', '5', 's', '-5s', '5 minutes', '1e3s', '.5s', '5.s', '5s 3ms', 'x5s'])(
    'is not "%s"',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it('is no longer than the longest calendar', () => {
    expect(durationSchema.safeParse('520w').success).toBe(true);
    expect(durationSchema.safeParse('521w').error?.issues[0]?.message).toBe(
      'expected a duration of at most 520w',
    );
  });

  it.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [200_000, '3 min 20 s'],
    [hourMs, '1 h'],
    [hourMs + 5_000, '1 h'],
    [52 * hourMs, '2 d 4 h'],
    [2 * dayMs + 59_000, '2 d'],
    [dayMs + 2 * hourMs + 180_000, '1 d 2 h'],
    [400 * dayMs, '400 d'],
  ])('of %d ms is worded "%s": its two largest units', (durationMs, text) => {
    expect(describeDurationMs(durationMs)).toBe(text);
  });
});

describe('a moment of the plan', () => {
  it.each([
    ['week 2 tuesday', { kind: 'weekday', week: 2, weekday: 1, minuteOfDay: null }],
    ['WEEK 12  Sunday 09:05', { kind: 'weekday', week: 12, weekday: 6, minuteOfDay: 545 }],
    ['week 1 monday 0:00', { kind: 'weekday', week: 1, weekday: 0, minuteOfDay: 0 }],
    ['2026-02-03', { kind: 'date', isoDate: '2026-02-03', minuteOfDay: null }],
    ['2026-02-03T23:59', { kind: 'date', isoDate: '2026-02-03', minuteOfDay: 1_439 }],
    [' 2028-02-29 9:30 ', { kind: 'date', isoDate: '2028-02-29', minuteOfDay: 570 }],
  ])('"%s" is read', (text, time) => {
    expect(parsePlanTime(text)).toEqual(time);
  });

  it.each([
    'week 0 monday',
    'week 2 someday',
    'week 2',
    'tuesday',
    'week 2 monday 24:00',
    'week 2 monday 09:60',
    'week 2 monday 9',
    'in week 2 monday',
    'week 2 monday 09:00 UTC',
    '2026-02-30',
    '2026-13-01',
    '2027-02-29',
    '2026-02-03 24:00',
    '2026-02-03 09:60',
    '2026-2-3',
    'on 2026-02-03',
    '2026-02-03 09:00:00',
    '',
  ])('is not "%s"', (text) => {
    expect(parsePlanTime(text)).toBeUndefined();
  });

  it('lies where the calendar says, counted from the Monday of week 1', () => {
    const offsetOf = (text: string): number => {
      const time = parsePlanTime(text);
      if (!time) throw new Error(`${text} is no moment`);
      return planTimeOffsetMs(time, anchor);
    };
    expect(offsetOf('week 1 monday 00:00')).toBe(0);
    expect(offsetOf('week 1 monday')).toBe(9 * hourMs);
    expect(offsetOf('week 3 sunday 12:30')).toBe(20 * dayMs + 12.5 * hourMs);
    expect(offsetOf('2026-01-05')).toBe(9 * hourMs);
    expect(offsetOf('2026-01-04 00:00')).toBe(-dayMs);
    expect(offsetOf('2026-02-02 06:00')).toBe(28 * dayMs + 6 * hourMs);
  });

  it.each([
    [0, 'week 1, Mon 00:00'],
    [9 * hourMs, 'week 1, Mon 09:00'],
    [8 * dayMs + 13 * hourMs + 5 * 60_000 + 59_999, 'week 2, Tue 13:05'],
    [20 * dayMs, 'week 3, Sun 00:00'],
    [-1, 'week 0, Sun 23:59'],
    [-8 * dayMs, 'week -1, Sun 00:00'],
  ])('%d ms from the beginning is worded "%s"', (offsetMs, text) => {
    expect(describeOffset(offsetMs)).toBe(text);
  });

  it('is worded as it can be written, to the minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 519 * 7 * 24 * 60 }), (minutes) => {
        const [week, weekday, clock] = describeOffset(minutes * 60_000)
          .replace(',', '')
          .split(' ')
          .slice(1);
        const names = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
        const day = names.find((name) => name.startsWith(weekday?.toLowerCase() ?? '?'));
        const time = parsePlanTime(`week ${week} ${day} ${clock}`);
        expect(time && planTimeOffsetMs(time, anchor)).toBe(minutes * 60_000);
      }),
    );
  });
});

describe('a percentage', () => {
  it.each([
    [0, 0],
    [100, 100],
    [0.125, 0.125],
    ['5%', 5],
    ['0.1 %', 0.1],
    ['100%', 100],
  ])('%j is %d', (given, percentage) => {
    expect(percentageSchema.parse(given)).toBe(percentage);
  });

  it.each([-0.001, 100.001, 0.0004, '5', '101%', '-1%', '0.0001%', '1e1%', '', null, true])(
    'is not %j',
    (given) => {
      expect(percentageSchema.safeParse(given).error?.issues[0]?.message).toBe(
        'expected a percentage from 0 to 100 with at most 3 decimals, such as 5, "5%" or "0.1%"',
      );
    },
  );
});
