import { durationSchema } from '@crossfade/plan';
import { z } from 'zod';

const labelsSchema = z.record(z.string(), z.string()).prefault({});
const hoursPattern = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;

/** What a backfill heeds beside its own pace. */
export const throttleSchema = z
  .union([
    z.literal('off'),
    z.strictObject({
      latency: z
        .strictObject({
          histogram: z.string().min(1).meta({ description: 'A histogram of the application, in seconds.' }),
          labels: labelsSchema,
          p95_below: durationSchema,
        })
        .exactOptional()
        .meta({ description: 'Slower as soon as 5 % of what people ask for takes longer.' }),
      errors: z
        .strictObject({
          metric: z.string().min(1).meta({ description: 'A counter of the application.' }),
          labels: labelsSchema.meta({ description: 'Those of its series that count what has failed.' }),
          of: z.strictObject({ metric: z.string().min(1), labels: labelsSchema }),
          percent_below: z.number().gt(0).max(100),
        })
        .exactOptional()
        .meta({ description: 'A pause as soon as more of what people ask for fails.' }),
      max_active_sessions: z
        .int()
        .min(1)
        .exactOptional()
        .meta({ description: 'Slower while more sessions of others than so many are at work.' }),
      max_wal_per_second: z.int().min(1).exactOptional().meta({
        description: 'Bytes of WAL that the server writes in a second; slower while they are more.',
      }),
      max_waiting_sessions: z
        .int()
        .min(0)
        .prefault(10)
        .meta({ description: 'A pause while more sessions than so many wait for a lock.' }),
      max_replica_lag: durationSchema
        .prefault('30s')
        .meta({ description: 'A pause while a replica is further behind.' }),
      max_oldest_transaction: durationSchema.exactOptional().meta({
        description:
          'A pause while a transaction is open for longer: until it ends nothing that is replaced can be cleaned up.',
      }),
      pause_for_vacuum: z
        .boolean()
        .prefault(false)
        .meta({ description: 'A pause while the table is being vacuumed.' }),
      hours: z
        .array(z.string().regex(hoursPattern, { error: 'expected hours such as "22:00-06:00"' }))
        .min(1)
        .exactOptional()
        .meta({
          description: 'Only at these hours of the day, in UTC by the clock of the database.',
          examples: [['22:00-06:00']],
        }),
    }),
  ])
  .prefault({});

export type ThrottleConfig = Exclude<z.output<typeof throttleSchema>, 'off'>;
