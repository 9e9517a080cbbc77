import { z } from 'zod';

const timestamp = z.iso.datetime().describe('Database time, UTC');
const milliseconds = z.number().min(0);
const share = z.number().min(0).max(1);

const requestFigures = z.object({
  total: z.int().min(0),
  failed: z.int().min(0).describe('Requests that failed for the person in the end, after all retries'),
  p50Ms: milliseconds.nullable(),
  p95Ms: milliseconds.nullable(),
  p99Ms: milliseconds.nullable(),
});

const dataFigures = z.object({
  rows: z.int().min(0).describe('Rows that backfills passed, also where the run was taken back afterwards'),
  migrated: z.int().min(0),
  skipped: z.int().min(0).describe('Already as wanted, through dual-write'),
  quarantined: z.int().min(0).describe('Set aside with their reason'),
  vanished: z.int().min(0).describe('Deleted by people between being seen and being locked'),
});

const audience = z.object({
  segment: z.string().nullable(),
  percentage: z.number(),
  holdBack: z.number().exactOptional().describe('Share of the segment that stays off, to compare with'),
});

/** Everything measured in one run: from the journal and the clients' own log, nothing else. */
export const reportSchema = z.object({
  version: z.literal(1),
  run: z.object({
    id: z.string(),
    plan: z.string(),
    digest: z.string(),
    status: z.enum(['running', 'completed', 'rolling_back', 'rolled_back', 'rollback_failed']),
    speed: z.number().positive(),
    startedAt: timestamp,
    finishedAt: timestamp.nullable(),
    restarts: z.int().min(0).describe('How often another controller took the run up'),
    activeWorkMs: milliseconds.describe('Time spent performing effects, all steps added up'),
    journalEntries: z.int().min(0),
    journalHead: z.string().describe('Hash of the newest journal entry'),
  }),
  requests: requestFigures.extend({
    retries: z.int().min(0).describe('Tries beyond the first, as real clients make them'),
    baseline: z
      .object({ total: z.int().min(0), p95Ms: milliseconds.nullable(), errorRate: share.nullable() })
      .describe('Before the run started'),
    byPhase: z.record(z.string(), requestFigures),
  }),
  data: dataFigures.extend({
    lost: z
      .int()
      .min(0)
      .describe(
        'Rows unaccounted for by backfills, and acknowledged messages that were missing or changed in the end',
      ),
    acknowledged: z.int().min(0).describe('Messages whose sending was acknowledged to a client'),
    found: z.int().min(0).describe('Of these, found once and unchanged when everything was over'),
    duplicated: z.int().min(0),
    outOfOrder: z.int().min(0),
    backfills: z.array(
      dataFigures.extend({
        step: z.string(),
        remaining: z.int().min(0).describe('Rows that the final recount still found undone'),
        tookMs: milliseconds,
        rowsPerSecond: z.number().min(0),
        note: z.string(),
      }),
    ),
  }),
  flags: z.record(
    z.string(),
    z.object({
      audiences: z.array(audience),
      killed: z.boolean(),
      history: z.array(z.object({ at: timestamp, audiences: z.array(audience), reason: z.string() })),
      shownTo: z.int().min(0).nullable().describe('People of the load who were shown it'),
      usedBy: z.int().min(0).nullable(),
    }),
  ),
  use: z
    .object({
      until: timestamp.describe('What applications had reported by then is counted'),
      flags: z.record(
        z.string(),
        z.object({
          asked: z.int().min(0).describe('People for whom the application asked for the flag'),
          on: z.int().min(0).describe('Of these, who was shown it'),
          heldBack: z.int().min(0).describe('Of these, who was held back to compare with'),
          adoption: share.nullable().describe('on / asked'),
          usedBy: z.int().min(0).nullable().describe('People who used it; null where nobody tells'),
          turnedOff: z
            .int()
            .min(0)
            .describe(
              'People who had it and then had it no more, although nobody switched it off or took the run back',
            ),
          bySegment: z.record(z.string(), z.object({ asked: z.int().min(0), on: z.int().min(0) })),
        }),
      ),
      switchedOff: z.array(
        z.object({
          flag: z.string(),
          at: timestamp,
          reason: z.string(),
          wasOn: z.boolean().describe('For anybody: if not, there was nothing to switch off'),
          processes: z.int().min(0).describe('Of the application, that were there and report'),
          offEverywhereAfterMs: milliseconds.nullable().describe('Null: a process has not said so'),
          shownAfterwards: z
            .int()
            .min(0)
            .describe(
              'People who were answered "on" by flags that had it switched off: nobody, if all is well',
            ),
        }),
      ),
    })
    .describe('Who was shown what, as the application itself reported'),
  phases: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      startedAt: timestamp.nullable(),
      finishedAt: timestamp.nullable(),
      steps: z.array(
        z.object({
          id: z.string(),
          type: z.string(),
          title: z.string(),
          status: z.enum(['pending', 'running', 'completed', 'failed', 'undoing', 'undone']),
          summary: z.string().nullable(),
          startedAt: timestamp.nullable(),
          finishedAt: timestamp.nullable(),
          activeWorkMs: milliseconds,
        }),
      ),
    }),
  ),
  success: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      target: z.string(),
      result: z.enum(['met', 'not met', 'not measured']),
      evidence: z.string(),
    }),
  ),
  rollbacks: z.array(
    z.object({
      runId: z.string(),
      reason: z.string(),
      startedAt: timestamp,
      flagsOffAfterMs: milliseconds
        .nullable()
        .describe('From the decision (or the command) until flags were off'),
      finishedAt: timestamp.nullable(),
    }),
  ),
});

export type Report = z.infer<typeof reportSchema>;
