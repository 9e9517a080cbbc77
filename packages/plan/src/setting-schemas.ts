import { z } from 'zod';
import { parseDurationMs } from './duration.ts';
import { parsePlanTime } from './plan-time.ts';

/**
 * Schemas for the settings of steps and gates. A message that starts with `expected ` becomes the expectation of a finding;
 * step and gate types may write their own the same way.
 */

/** As long as the longest calendar. */
const longestDurationMs = 520 * 604_800_000;

const expectedDuration = 'expected a duration such as "500ms", "10s", "5m", "12h" or "6d"';
const expectedPlanTime =
  'expected a moment of the calendar such as "week 2 tuesday", "week 2 tuesday 09:00" or "2026-02-03"';
const expectedPercentage =
  'expected a percentage from 0 to 100 with at most 3 decimals, such as 5, "5%" or "0.1%"';

/** `6d` → 518,400,000 ms. */
export const durationSchema = z
  .string({ error: expectedDuration })
  .regex(/^\d{1,9}(\.\d{1,6})?\s?(ms|s|m|h|d|w)$/, { error: expectedDuration })
  .meta({
    description: 'A duration: a number and one of ms, s, m, h, d, w.',
    examples: ['500ms', '10s', '5m', '12h', '6d'],
  })
  .transform((text, context): number => {
    const durationMs = parseDurationMs(text);
    if (durationMs !== undefined && durationMs <= longestDurationMs) return durationMs;
    const expected = durationMs === undefined ? expectedDuration : 'expected a duration of at most 520w';
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });

/** `week 2 tuesday 09:00` → PlanTime. */
export const planTimeSchema = z
  .string({ error: expectedPlanTime })
  .regex(/^([Ww]eek +\d{1,3} +[A-Za-z]{6,9}|\d{4}-\d{2}-\d{2})([ T]+\d{1,2}:\d{2})?$/, {
    error: expectedPlanTime,
  })
  .meta({
    description:
      'A moment of the plan: a weekday in a week of the calendar, or a date; the time of day may follow.',
    examples: ['week 2 tuesday', 'week 2 tuesday 09:00', '2026-02-03 09:00'],
  })
  .transform((text, context) => {
    const time = parsePlanTime(text);
    if (time) return time;
    context.addIssue({ code: 'custom', message: expectedPlanTime });
    return z.NEVER;
  });

/** 5, "5%" or "0.1%" → 5, 5, 0.1. */
export const percentageSchema = z
  .union(
    [
      z
        .number({ error: expectedPercentage })
        .min(0, { error: expectedPercentage })
        .max(100, { error: expectedPercentage }),
      z
        .string({ error: expectedPercentage })
        .regex(/^\d{1,3}(\.\d{1,3})? ?%$/, { error: expectedPercentage }),
    ],
    { error: expectedPercentage },
  )
  .meta({ description: 'A percentage from 0 to 100 with at most 3 decimals.', examples: [5, '5%', '0.1%'] })
  .transform((given, context): number => {
    const percentage = typeof given === 'number' ? given : Number(given.replace('%', ''));
    if (percentage >= 0 && percentage <= 100 && hasAtMost3Decimals(percentage)) return percentage;
    context.addIssue({ code: 'custom', message: expectedPercentage });
    return z.NEVER;
  });

function hasAtMost3Decimals(value: number): boolean {
  return Math.abs(value * 1_000 - Math.round(value * 1_000)) < 1e-6;
}
