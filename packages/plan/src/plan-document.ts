import { z } from 'zod';
import { leavesRoom } from './check-group-shares.ts';
import { durationSchema, percentageSchema, planTimeSchema } from './setting-schemas.ts';

/** The frame of plan.yaml: everything except the settings of steps and gates, which their types know. */

const stepId = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
    error: 'expected lower-case words joined by dashes, such as add-search',
  })
  .max(64)
  .meta({ description: 'Lower-case words joined by dashes.', examples: ['add-message-search'] });

const key = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*$/, { error: 'expected lower-case letters, digits, _ and -, such as power_users' })
  .max(64);

/** Printed in lines and columns: everything that ends a line would break them. */
const isOneLine = (text: string): boolean => !/[\n\u0085\u2028\u2029]/.test(text);
const lineOf = (most: number) =>
  z.string().trim().max(most).refine(isOneLine, { error: 'expected one line of text' });
const shortLine = lineOf(200).min(1);
const title = shortLine.describe('A short title for people.');
const prose = z.string().trim().max(10_000).describe('What it does and why, for people. Markdown.');
const name = z.string().min(1).max(64);

const timeOfDay = z
  .string({ error: 'expected a time of day such as 09:00' })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a time of day such as 09:00' })
  .meta({ description: 'Time of day of an `at` that names only a day.', examples: ['09:00'] })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const calendar = z
  .strictObject({
    weeks: z.int().min(1).max(520).describe('How many weeks the plan lasts.'),
    start: planTimeSchema.prefault('week 1 monday').describe('Plan time at which a run starts.'),
    default_time: timeOfDay.prefault('09:00'),
  })
  .describe('The calendar that `at` refers to.');

const segment = z
  .strictObject({
    title,
    sql: z.string().trim().min(1).max(20_000).describe('SQL on the target: one column of user ids.'),
    refresh: durationSchema.prefault('1d').meta({
      description:
        'How often it is looked again who has joined, in plan time, while a flag is open to the segment. Who has been in stays in.',
      examples: ['1d', '1h'],
    }),
    max_cost: z
      .int()
      .min(1)
      .prefault(1_000_000)
      .describe(
        'The most that Postgres may expect the SQL to cost, in the units of EXPLAIN; else it is not run.',
      ),
  })
  .describe('A rule for an audience.');

const group = z
  .strictObject({
    title,
    segment: name.optional().describe('A segment of this plan; left out: everybody.'),
    percentage: percentageSchema,
    hold_back: percentageSchema.prefault(0).meta({
      description:
        'Share of the segment that stays off while the others come in, to compare them with. The same people at every stage and for every flag.',
      examples: ['5%'],
    }),
    at: planTimeSchema.optional(),
  })
  .refine(({ percentage, hold_back }) => !isShare(percentage) || leavesRoom(percentage, hold_back), {
    path: ['hold_back'],
    error: 'expected a share that leaves room for the percentage: 100 % together at most',
  })
  .describe('Segment, percentage and date.');

const flag = z
  .strictObject({ title, description: prose.prefault('') })
  .describe('A flag that the application reads.');

const parameter = z
  .strictObject({
    title,
    description: prose.prefault(''),
    default: z.number(),
    minimum: z.number(),
    maximum: z.number(),
  })
  .refine((given) => given.minimum <= given.default && given.default <= given.maximum, {
    path: ['default'],
    error: 'expected a number from minimum to maximum',
  })
  .describe('A number that the application reads beside its flags.');

const success = z
  .strictObject({
    id: stepId,
    title,
    target: shortLine.describe('What was promised, such as "under 200 ms".'),
    gate: name.optional().describe('The gate that measures it; left out: reported as not measured.'),
    note: prose.prefault('').describe('How it is measured, or which measurement is missing.'),
  })
  .describe('What the team promised to reach.');

/** Beside these stand the settings of the gate's type. */
export const gateFrame = z.looseObject({ type: name, title });

const stepNotice = z
  .strictObject({
    title: shortLine.describe('What is going on, in a few words.'),
    text: lineOf(500).prefault('').describe('What that means for whoever reads it.'),
  })
  .meta({
    description:
      'What the people who use the application are told while the step is at work, with how far it is: applications read it in crossfade.notices.',
    examples: [{ title: 'Search is getting better', text: 'You can go on as usual.' }],
  });

/** Beside these stand the settings of the step's type. */
export const stepFrame = z.looseObject({
  id: stepId,
  type: name,
  title,
  description: prose.prefault(''),
  at: planTimeSchema.optional().describe('Not before this moment of the calendar.'),
  after: z.array(name).prefault([]).describe('Steps of the same phase that must be done before.'),
  notice: stepNotice.optional(),
});

const phase = z
  .strictObject({
    id: stepId,
    title,
    description: prose.prefault(''),
    steps: z.array(stepFrame).min(1),
  })
  .describe('An ordered part of the plan, completed before the next begins.');

export const planDocument = z
  .strictObject({
    crossfade: z.literal(1).describe('Version of this format.'),
    name: stepId,
    title,
    description: prose.prefault(''),
    calendar,
    segments: z.record(key, segment).prefault({}),
    groups: z.record(key, group).prefault({}),
    flags: z.record(key, flag).prefault({}),
    parameters: z.record(key, parameter).prefault({}),
    gates: z.record(key, gateFrame).prefault({}),
    guardrails: z
      .array(name)
      .prefault([])
      .describe('Gates that watch all the time: a fail takes the run back.'),
    success: z.array(success).prefault([]),
    phases: z.array(phase).min(1),
  })
  .describe('A migration plan for Crossfade.');

/** What is no share by itself is told by itself. */
function isShare(percentage: number): boolean {
  return percentage >= 0 && percentage <= 100;
}

export type PlanDocument = z.infer<typeof planDocument>;
export type StepDocument = z.infer<typeof stepFrame>;
export type GateDocument = z.infer<typeof gateFrame>;
