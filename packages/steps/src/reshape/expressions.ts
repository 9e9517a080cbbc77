import { quoteIdentifier } from '../sql/identifiers.ts';
import type { Computed, Shape, ShapeColumn } from './shape.ts';

/** Types that cannot be compared; as text they can. */
const incomparable = new Set(['json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle']);

/** `from (select r."id" as "id", …) as "messages"`: a row as its release sees it, for expressions over it. */
export function rowScope(shape: Shape, columns: readonly ShapeColumn[], row: string): string {
  const listed = columns.map(
    ({ name, standing }) => `${row}.${quoteIdentifier(standing)} as ${quoteIdentifier(name)}`,
  );
  return `(select ${listed.join(', ')}) as ${quoteIdentifier(shape.facts.name)}`;
}

export const oldScope = (shape: Shape, row: string): string => rowScope(shape, shape.old, row);
export const newScope = (shape: Shape, row: string): string => rowScope(shape, shape.new, row);

export const columnList = (columns: readonly Computed[]): string =>
  columns.map(({ column }) => quoteIdentifier(column.standing)).join(', ');

export const expressionList = (columns: readonly Computed[]): string =>
  columns.map(({ expression }) => `(${expression}\n)`).join(', ');

/** What is computed, cast as the column would: an expression's value is compared as it would be stored. */
const castList = (columns: readonly Computed[]): string =>
  columns.map(({ column, expression }) => comparable(`(${expression}\n)::${column.type}`, column)).join(', ');

const valueList = (columns: readonly Computed[], row: string): string =>
  columns.map(({ column }) => comparable(`${row}.${quoteIdentifier(column.standing)}`, column)).join(', ');

function comparable(value: string, { type }: ShapeColumn): string {
  return incomparable.has(type.replace(/\[\]$/, '')) ? `(${value})::text` : value;
}

/**
 * Whether a row of each shape say the same: one of them is what comes of the other. (Where a way loses something, as from a
 * time to its day, only the other way can tell.)
 */
export function saysTheSame(shape: Shape, oldRow: string, newRow: string): string {
  const isUp = same(shape.up, newRow, oldScope(shape, oldRow));
  const isDown = same(shape.down, oldRow, newScope(shape, newRow));
  return `(${isUp} or ${isDown})`;
}

function same(columns: readonly Computed[], row: string, scope: string): string {
  return `row(${valueList(columns, row)}) is not distinct from (select row(${castList(columns)}) from ${scope})`;
}

/** Where expressions of the plan find what they name; pg_temp last, so that nobody's temporary object comes first. */
export function searchPath(shape: Shape): string {
  const schemas = ['pg_catalog', shape.facts.schema, 'public'];
  return [...new Set(schemas)].map(quoteIdentifier).concat('pg_temp').join(', ');
}
