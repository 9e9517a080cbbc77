import type { TargetConnection } from '@crossfade/engine';
import { sqlStateOf, sqlStates } from '../../target/sql-state.ts';
import { isFaultOfRow } from '../quarantine.ts';
import type { RangeSql } from '../run-batch.ts';

/** What rows were found to be, all of them as of one moment. */
export interface Examined {
  readonly rows: number;
  /** Still to do by the guard: there is nothing to compare yet. */
  readonly notDone: number;
  /** The keys of rows that are not what they should be. */
  readonly differing: readonly string[];
}

/** Compares rows with what they should be. */
export interface Examiner {
  /** At once; it may become another as rows are seen. */
  readonly mostRows: number;
  /** What it throws for the fault of a row is traced down to that row. */
  examine(reading: Reading, range: RangeSql): Promise<Examined>;
}

/** Work in one short transaction that changes nothing. */
export type Reading = <T>(work: (connection: TargetConnection) => Promise<T>) => Promise<T>;

/** The first, and where it fails for the fault of a row, the second, which takes longer and does not. */
export function firstOf(quick: Examiner, careful: Examiner): Examiner {
  return {
    get mostRows() {
      return Math.min(quick.mostRows, careful.mostRows);
    },
    async examine(reading, range) {
      try {
        return await quick.examine(reading, range);
      } catch (error) {
        // What took too long must be fewer rows, not more work.
        if (!isFaultOfRow(error) || sqlStateOf(error) === sqlStates.queryCanceled) throw error;
        return await careful.examine(reading, range);
      }
    },
  };
}

export const nothingExamined: Examined = { rows: 0, notDone: 0, differing: [] };

export function together(one: Examined, other: Examined): Examined {
  return {
    rows: one.rows + other.rows,
    notDone: one.notDone + other.notDone,
    differing: [...one.differing, ...other.differing],
  };
}
