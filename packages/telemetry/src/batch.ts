import { z } from 'zod';

/** What one process has to tell, as it is sent. Times are ages in ms: whoever receives it knows what time it is. */
export interface TelemetryBatch {
  /** Told again with the same id when it is not known whether it arrived. */
  readonly id: string;
  /** Which process of the application tells. */
  readonly process: string;
  readonly exposures: readonly Exposure[];
  readonly uses: readonly FeatureUse[];
  readonly windows: readonly WindowSummary[];
  readonly receipts: readonly Receipt[];
  /** What had to be left out since the last batch, for want of room. */
  readonly dropped: number;
}

/** Somebody was answered a flag with this variant. Once for each revision of the flags. */
export interface Exposure {
  readonly flag: string;
  readonly variant: string;
  readonly person: string;
  /** Of the flags that answered. */
  readonly revision: number;
  readonly ageMs: number;
}

/** Somebody used something, by `track`. */
export interface FeatureUse {
  readonly event: string;
  readonly person: string;
  readonly count: number;
  readonly ageMs: number;
}

/** The requests of a window in which a flag was answered with one variant, person by person. The lists are of one length. */
export interface WindowSummary {
  readonly flag: string;
  readonly variant: string;
  readonly lengthMs: number;
  /** Since its end. */
  readonly ageMs: number;
  readonly people: readonly string[];
  readonly requests: readonly number[];
  readonly failed: readonly number[];
  readonly slow: readonly number[];
}

/** This process goes by this revision of the flags, since `ageMs`. */
export interface Receipt {
  readonly revision: number;
  readonly ageMs: number;
}

/** A batch will never be taken, however often it is sent: for what it says. */
export class BatchRefusedError extends Error {
  override readonly name = 'BatchRefusedError';
}

/** Where batches go. */
export interface TelemetrySink {
  /**
   * Rejects when it is not known to have arrived: it is sent again then, with the same id. Ends in bounded time.
   * @throws {BatchRefusedError} where sending it again is of no use.
   */
  send(batch: TelemetryBatch): Promise<void>;
  close(): Promise<void>;
}

/** More than this in one batch is not from us. */
const most = 100_000;
const mostCharacters = 200;
const name = z
  .string()
  .min(1)
  .max(mostCharacters)
  .refine(canBeKept, { error: 'expected no NUL and no half of a character' });
/** As many as one process can count between two batches, many times over; and no more than can be summed up. */
const count = z.int().min(0).max(2_147_483_647);
const ageMs = z
  .number()
  .min(0)
  .max(7 * 86_400_000);
const revision = z.int().min(0);
const exposure = z.strictObject({ flag: name, variant: name, person: name, revision, ageMs });
const use = z.strictObject({ event: name, person: name, count: count.min(1), ageMs });
const window = z
  .strictObject({
    flag: name,
    variant: name,
    lengthMs: z.number().positive().max(86_400_000),
    ageMs,
    people: z.array(name).max(most),
    requests: z.array(count).max(most),
    failed: z.array(count).max(most),
    slow: z.array(count).max(most),
  })
  .refine(
    ({ people, requests, failed, slow }) =>
      [requests, failed, slow].every((list) => list.length === people.length),
    { error: 'expected lists of one length' },
  );
/** A person is counted once in a window. */
const areDistinct = (windows: readonly { readonly flag: string; readonly variant: string }[]): boolean =>
  new Set(windows.map(({ flag, variant }) => JSON.stringify([flag, variant]))).size === windows.length;
const batchSchema = z.strictObject({
  id: name,
  process: name,
  exposures: z.array(exposure).max(most),
  uses: z.array(use).max(most),
  windows: z
    .array(window)
    .max(1_000)
    .refine(areDistinct, { error: 'expected one window for each flag and variant' }),
  receipts: z.array(z.strictObject({ revision, ageMs })).max(1_000),
  dropped: count,
});

/** Text that a database can keep. */
function canBeKept(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}

/** Whether a name may be in a batch: what is longer than any id, or not to be kept, would have the whole batch refused. */
export function canBeTold(text: string): boolean {
  return text !== '' && text.length <= mostCharacters && canBeKept(text);
}

/**
 * Reads what somebody sent.
 * @throws {Error} with the place and what was expected there.
 */
export function parseBatch(found: unknown): TelemetryBatch {
  const parsed = batchSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new Error(`${first?.path.join('.') || 'the batch'}: ${first?.message ?? 'not a batch'}`);
}
