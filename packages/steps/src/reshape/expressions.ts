import { quoteIdentifier } from '../sql/identifiers.ts';
import type { Computed, Pair, Shape, ShapeColumn } from './shape.ts';

/** `(select r."id" as "id", …) as "messages"`: a row as its release sees it, for expressions over it. */
function rowScope(shape: Shape, columns: readonly ShapeColumn[], row: string): string {
  const listed = columns.map(
    ({ name, standing }) => `${row}.${quoteIdentifier(standing)} as ${quoteIdentifier(name)}`,
  );
  return `(select ${listed.join(', ')}) as ${quoteIdentifier(shape.facts.name)}`;
}

export const oldScope = (shape: Shape, row: string): string => rowScope(shape, shape.old, row);
export const newScope = (shape: Shape, row: string): string => rowScope(shape, shape.new, row);

export const columnList = (columns: readonly ShapeColumn[]): string =>
  columns.map(({ standing }) => quoteIdentifier(standing)).join(', ');

/** A value computed from a row, as it is: who stores it has Postgres refuse what does not fit, in place of cutting it off. */
export const computed = ({ expression }: Computed, scope: string): string =>
  `(select (${expression}\n) from ${scope})`;

/**
 * Whether two values are the same to the last bit. Equality is not enough: 1.0 equals 1.00, and `a` may equal `A`, and still
 * somebody has changed one into the other.
 */
export function identical(columns: readonly ShapeColumn[], one: string, other: string): string {
  if (columns.length === 0) return 'true';
  const row = (of: string): string =>
    `row(${columns.map(({ standing }) => `${of}.${quoteIdentifier(standing)}`).join(', ')})`;
  return `pg_catalog.record_image_eq(${row(one)}, ${row(other)})`;
}

/** Whether what is computed from one row differs from what is computed from another. */
export function movesBetween({ column, expression }: Computed, one: string, other: string): string {
  const value = (scope: string): string => `(select row((${expression}\n)::${column.type}) from ${scope})`;
  return `pg_catalog.record_image_ne(${value(one)}, ${value(other)})`;
}

/** Whether a value is what is computed for it, with nothing cut off or rounded away where its type has a limit. */
function matches({ column, expression }: Computed, row: string, scope: string): string {
  const value = `row(${row}.${quoteIdentifier(column.standing)})`;
  const isThat = `pg_catalog.record_image_eq(${value}, (select row((${expression}\n)::${column.type}) from ${scope}))`;
  const whole = unlimited(column.type);
  if (whole === undefined) return `(${isThat})`;
  return `(${isThat} and (select (${expression}\n)::${column.type}::${whole} is not distinct from (${expression}\n)::${whole} from ${scope}))`;
}

const wholeTypes: Readonly<Record<string, string>> = {
  character: 'bpchar',
  char: 'bpchar',
  bit: 'bit varying',
};

/** `varchar(5)` → `varchar`; undefined for a type without a limit. */
function unlimited(type: string): string | undefined {
  if (!type.includes('(')) return undefined;
  const whole = type.replace(/\s*\([^)]*\)/, '');
  return wholeTypes[whole] ?? whole;
}

/** Whether a pair of columns says the same in both rows: one of them is what comes of the other. */
export function pairIsSame(shape: Shape, { old, new: next }: Pair, oldRow: string, newRow: string): string {
  return `(${matches(next, newRow, oldScope(shape, oldRow))} or ${matches(old, oldRow, newScope(shape, newRow))})`;
}

/**
 * Whether columns that only one shape has say what the other's say, as a name does that became two. Null where only one side has
 * any: then there is nothing that they could contradict.
 */
export function restIsSame(shape: Shape, oldRow: string, newRow: string): string | null {
  const { onlyNew, onlyOld } = shape;
  if (onlyNew.length === 0 || onlyOld.length === 0) return null;
  const up = onlyNew.map((column) => matches(column, newRow, oldScope(shape, oldRow)));
  const down = onlyOld.map((column) => matches(column, oldRow, newScope(shape, newRow)));
  return `((${up.join(' and ')}) or (${down.join(' and ')}))`;
}

/** Whether a row of each shape say the same, column by column: releases may have written different ones last. */
export function saysTheSame(shape: Shape, oldRow: string, newRow: string): string {
  const rest = restIsSame(shape, oldRow, newRow);
  return (
    [
      ...(oldRow === newRow ? [] : [identical(shape.kept, oldRow, newRow)]),
      ...shape.pairs.map((pair) => pairIsSame(shape, pair, oldRow, newRow)),
      ...(rest === null ? [] : [rest]),
    ].join(' and ') || 'true'
  );
}

/** Where expressions of the plan find what they name; pg_temp last, so that nobody's temporary object comes first. */
export function searchPath(shape: Shape): string {
  const schemas = ['pg_catalog', shape.facts.schema, 'public'];
  return [...new Set(schemas)].map(quoteIdentifier).concat('pg_temp').join(', ');
}

/** The new row's columns in the order in which `valuesFor` gives their values. */
export const writtenUp = ({ kept, pairs, onlyNew }: Shape): readonly Computed[] => [
  ...kept.map(asItIs),
  ...pairs.map((pair) => pair.new),
  ...onlyNew,
];

export const writtenDown = ({ kept, pairs, onlyOld }: Shape): readonly Computed[] => [
  ...kept.map(asItIs),
  ...pairs.map((pair) => pair.old),
  ...onlyOld,
];

const asItIs = (column: ShapeColumn): Computed => ({ column, expression: quoteIdentifier(column.name) });

/** What the key of a row is in the other shape. */
export function keyAcross(columns: readonly Computed[], name: string, scope: string): string {
  const found = columns.find(({ column }) => column.name === name);
  if (!found) throw new Error(`the key ${name} is not computed in both directions`);
  return computed(found, scope);
}
