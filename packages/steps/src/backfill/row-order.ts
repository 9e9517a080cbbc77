import type { RowKey } from './row-key.ts';

/** In which order rows are passed, and how a place in it is written down. */
export interface RowOrder {
  /**
   * `place`: as they lie on disk. Along a key that has nothing to do with where rows lie, as a random UUID has not, every batch
   * touches as many pages as rows, and each page is logged whole after every checkpoint.
   */
  readonly kind: 'key' | 'place';
  readonly expression: string;
  readonly asText: string;
  fromText(text: string): string;
  /** Empty where rows come in this order by themselves. */
  readonly orderBy: string;
}

export function orderByKey(key: RowKey): RowOrder {
  const { expression, asText, list } = key;
  return {
    kind: 'key',
    expression,
    asText,
    fromText: (text) => key.fromText(text),
    orderBy: `order by ${list}`,
  };
}

/** A scan of a range of places comes in their order; sorting it would read the whole range for each batch. */
export function orderByPlace(table: string): RowOrder {
  return {
    kind: 'place',
    expression: `${table}.ctid`,
    asText: `${table}.ctid::text`,
    fromText: (text) => `${text}::tid`,
    orderBy: '',
  };
}

/** Below this many pages a table is in memory anyway. */
const fewPages = 4_000;
/** As pg_stats has it, from -1 to 1: half of the rows lie where their keys say. */
const weakCorrelation = 0.5;

/** What pg_stats knows of how the key and the place on disk go together; null when it knows nothing. */
export function chooseOrder(pages: number, correlation: number | null): RowOrder['kind'] {
  if (pages < fewPages || correlation === null) return 'key';
  return Math.abs(correlation) < weakCorrelation ? 'place' : 'key';
}
