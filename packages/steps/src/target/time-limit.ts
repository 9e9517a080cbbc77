import { durationSchema } from '@crossfade/plan';

const longestMs = 24 * 3_600_000;
const expected = 'expected a duration from 1ms to 1d: 0 would mean "for ever" to Postgres';

/** A time limit that Postgres keeps, in whole ms. */
export const timeLimitSchema = durationSchema.refine(
  (durationMs) => Number.isInteger(durationMs) && durationMs >= 1 && durationMs <= longestMs,
  { error: expected },
);
