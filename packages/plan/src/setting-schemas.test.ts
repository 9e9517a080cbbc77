import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { durationSchema, percentageSchema, planTimeSchema } from './setting-schemas.ts';

describe('the schemas for settings', () => {
  it('read durations as milliseconds', () => {
    expect(['250ms', '1.5s', '10m', '12h', '6d', '2w'].map((text) => durationSchema.parse(text))).toEqual([
      250, 1_500, 600_000, 43_200_000, 518_400_000, 1_209_600_000,
    ]);
  });

  it('read moments of the calendar', () => {
    expect(planTimeSchema.parse('week 2 tuesday 09:30')).toEqual({
      kind: 'weekday',
      week: 2,
      weekday: 1,
      minuteOfDay: 570,
    });
    expect(planTimeSchema.parse('2026-02-03')).toEqual({
      kind: 'date',
      isoDate: '2026-02-03',
      minuteOfDay: null,
    });
  });

  it('read percentages as numbers or as text', () => {
    expect([0, 5, 100, 33.333, '5%', '0.1 %', '100%'].map((given) => percentageSchema.parse(given))).toEqual([
      0, 5, 100, 33.333, 5, 0.1, 100,
    ]);
  });

  it.each([
    [
      durationSchema,
      ['6', 6, 'six days', '', '-1d', '1d2h', '9'.repeat(400) + 'd', '521w', '999999999d', null],
    ],
    [
      planTimeSchema,
      ['week 0 monday', 'week 2 someday', 'week 2 monday 24:00', '2026-02-30', 'tomorrow', 2, null],
    ],
    [percentageSchema, [120, -1, 0.0001, '120%', '5', 'half', Number.NaN, null, {}]],
  ] as const)('say what they expect of everything else', (schema, refused) => {
    for (const value of refused) {
      const issues = schema.safeParse(value).error?.issues ?? [];
      expect(issues.map((issue) => issue.message.slice(0, 9))).toContain('expected ');
    }
  });

  it.each([durationSchema, planTimeSchema, percentageSchema])(
    'describe what may be written, for editors',
    (schema) => {
      const written = JSON.stringify(z.toJSONSchema(schema, { io: 'input' }));
      expect(written).toContain('"examples"');
      expect(written).toContain('"description"');
      expect(written).toContain('"pattern"');
    },
  );
});
