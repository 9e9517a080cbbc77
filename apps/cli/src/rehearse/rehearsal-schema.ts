import { z } from 'zod';
import { keepsOutKinds } from './lock-effects.ts';

const milliseconds = z.number().min(0);
const keepsOut = z.enum(keepsOutKinds);

const lock = z.object({
  table: z.string().describe('With its schema, unless that is public'),
  index: z.string().nullable().describe('The lock is on this index of the table'),
  mode: z.string().describe('As in the manual of Postgres: ACCESS EXCLUSIVE, SHARE, …'),
  keepsOut: keepsOut.describe('Whom it keeps waiting'),
  heldMs: milliseconds.describe('The longest of all times that it was held'),
  fullHeldMs: milliseconds.describe('The same for all rows; an estimate when the copy is a sample'),
  times: z.int().min(1),
  covered: z
    .boolean()
    .describe(
      'An earlier lock of the same transaction on the same table keeps out as many: this one adds nothing',
    ),
});

const statement = z.object({
  file: z.string().nullable().describe('Null: the step type made this statement up'),
  line: z.int().min(1).nullable(),
  text: z.string().describe('Its beginning, in one line'),
  times: z.int().min(1).describe('How often it was carried out, as in a backfill'),
  tookMs: milliseconds.describe('All times together'),
  locks: z.array(lock),
});

const stepPart = z.object({
  step: z.string(),
  type: z.string(),
  status: z.enum(['done', 'failed']),
  said: z.string().describe('Its summary, or why it failed, with file and line'),
  tookMs: milliseconds,
  fullTookMs: milliseconds.describe('For all rows; an estimate when the copy is a sample'),
  pacedMs: milliseconds.nullable().describe('What the pace of a backfill makes of it at speed 1'),
  rows: z.number().min(0).nullable().describe('That it passed'),
  statements: z.array(statement),
  differs: z
    .array(z.object({ object: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
    .describe('Of an undo: what is not as it was before the step; null for what is not there'),
});

const longest = z
  .object({ step: z.string(), place: z.string(), table: z.string(), keepsOut, fullHeldMs: milliseconds })
  .nullable()
  .describe('Of tables that were there before; null: nobody is kept from a whole table');

/** What a rehearsal has seen: printed by `crossfade rehearse --json`. */
export const rehearsalSchema = z.object({
  version: z.literal(1),
  ok: z
    .boolean()
    .describe('Everything went forward, back and forward again, and each undo put back what was there'),
  problems: z.array(z.string()),
  plan: z.string(),
  digest: z.string(),
  copy: z.object({
    database: z.string(),
    way: z.enum(['files', 'dump']).describe('Of the server’s files, or by pg_dump'),
    sourceServer: z.string().describe('Version of Postgres'),
    server: z.string().describe('Version that the rehearsal ran on'),
    sizeBytes: z.number().min(0),
    tookMs: milliseconds,
    sample: z.string().nullable().describe('As it was asked for; null: all rows'),
    emptyTables: z
      .array(z.string())
      .describe('Unlogged tables: a copy of files has none of their rows, as a server after a crash'),
    tables: z
      .array(z.object({ table: z.string(), rows: z.number().min(0), fullRows: z.number().min(0) }))
      .describe('Tables that were there before and that the plan locks; rows in the copy, and in all'),
  }),
  passes: z
    .array(
      z.object({ direction: z.enum(['forward', 'undo']), tookMs: milliseconds, steps: z.array(stepPart) }),
    )
    .describe('Forward, undo, and forward again, as far as it came'),
  longest: z
    .object({ forward: longest, undo: longest })
    .describe('The locks that keep readers or writers of a whole table waiting for longest'),
  fullForwardMs: milliseconds.describe('The database work of the whole plan, for all rows, without paces'),
  notRehearsed: z.array(z.object({ step: z.string(), type: z.string(), why: z.string() })),
  undosNotTried: z
    .array(z.string())
    .describe(
      'Steps that were not taken back: a contract, after which nothing goes back, stands before them',
    ),
  kept: z
    .object({
      host: z.string(),
      port: z.int(),
      user: z.string(),
      database: z.string(),
      passwordFile: z.string(),
    })
    .nullable()
    .describe('With --keep: where the copy is'),
});

export type Rehearsal = z.infer<typeof rehearsalSchema>;
export type LongestLock = NonNullable<Rehearsal['longest']['forward']>;
export type RehearsedPass = Rehearsal['passes'][number];
export type RehearsedPart = RehearsedPass['steps'][number];
export type RehearsedStatement = RehearsedPart['statements'][number];
export type RehearsedLock = RehearsedStatement['locks'][number];
