import type { PageQuery, Reading } from '../message-page.ts';
import type { PageRange } from '../queries/read-page.ts';

/** For a list that draws only what is in sight: pages around a message, and how long the whole conversation is. */
export const windowReading = (plain: Reading): Reading => ({
  ...plain,
  rangeOf: (query, lastSeq) => windowRange(query, lastSeq) ?? plain.rangeOf(query, lastSeq),
  windowOf: (lastSeq) => ({ total: lastSeq, firstSeq: Math.min(1, lastSeq), lastSeq }),
});

/** Near the end the window moves up, so that it is full. */
function windowRange({ after, around, limit }: PageQuery, lastSeq: number): PageRange | undefined {
  if (after !== undefined || around === undefined) return undefined;
  const half = Math.floor(limit / 2);
  return { side: 'after', seq: Math.max(0, Math.min(around - half, lastSeq - limit + 1) - 1), limit };
}
