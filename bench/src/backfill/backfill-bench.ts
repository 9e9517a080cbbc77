import type { Bench } from '../bench.ts';
import { withDatabase } from '../schema/bench-database.ts';
import type { Figures } from '../schema/compare.ts';
import { guarded } from './guarded.ts';
import { rates } from './rates.ts';
import { size } from './size.ts';
import { verification } from './verification.ts';

/** How fast rows are filled, beside a single UPDATE and beside the way that was sketched once; and what a row costs at any size. */
export const backfillBench: Bench = async ({ rows = 500_000, seconds = 30 }) => {
  const figures: Figures = { rows, windowSeconds: seconds };
  await withDatabase(rows, async (database) => {
    Object.assign(figures, await rates(database, rows));
    Object.assign(figures, await verification(database, rows));
    Object.assign(figures, await guarded(database, rows, seconds));
  });
  Object.assign(figures, await size(Math.round(rows / 5), rows * 10));
  return { ...figures, allReached: Object.entries(figures).every(isReached) };
};

const isReached = ([name, value]: readonly [string, unknown]): boolean =>
  !name.endsWith('Reached') || value === true;
