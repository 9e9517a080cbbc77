import { lines, type PhaseSql } from '../reshape/phase-sql.ts';
import { withSuffix, type Shape } from '../reshape/shape.ts';
import { viewName } from '../reshape/views.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { BoundObject, TableBinding } from './bound-objects.ts';

/** What goes with the old columns. */
export function lostWithColumns(
  { changes, names }: Shape,
  { objects }: TableBinding,
): readonly BoundObject[] {
  const gone = new Set(changes.flatMap(({ from }) => (from ? [from.name] : [])));
  return objects.filter(
    ({ name, columns }) => name !== names.trigger && columns.some((column) => gone.has(column)),
  );
}

const checkName = (column: string): string => withSuffix(column, '_crossfade_not_null');

/**
 * So that the lock is short later: whether a column holds no null is looked through while everybody goes on.
 * @param table where the new columns stand
 */
export function prepareColumns({ changes }: Shape, table: string): PhaseSql {
  const filled = changes.flatMap(({ to, notNull }) => (to && notNull ? [to.standing] : []));
  return {
    together: false,
    apply: lines(
      filled.flatMap((column) => [
        `alter table ${table} add constraint ${quoteIdentifier(checkName(column))} check (${quoteIdentifier(column)} is not null) not valid`,
        `alter table ${table} validate constraint ${quoteIdentifier(checkName(column))}`,
      ]),
    ),
    revert: lines(
      filled.map(
        (column) => `alter table ${table} drop constraint if exists ${quoteIdentifier(checkName(column))}`,
      ),
    ),
  };
}

export const setNotNull = (table: string, column: string): string[] => [
  `alter table ${table} alter column ${quoteIdentifier(column)} set not null`,
  `alter table ${table} drop constraint if exists ${quoteIdentifier(checkName(column))}`,
];

/** The old columns go, and the new ones are called as the new release calls them. */
export function finishColumns(shape: Shape, mark: string): PhaseSql {
  const { changes, names, config } = shape;
  const { table } = names;
  const old = config.views?.old;
  const gone = changes.flatMap(({ from }) => (from ? [quoteIdentifier(from.name)] : []));
  return {
    together: true,
    apply: lines(
      `drop trigger if exists ${quoteIdentifier(names.trigger)} on ${table}`,
      `drop function if exists ${names.upFunction}()`,
      `drop function if exists ${names.differs}(${table})`,
      old === undefined ? undefined : `drop view if exists ${viewName(shape, old)}`,
      gone.map((column) => `alter table ${table} drop column if exists ${column}`),
      changes.flatMap(({ to, notNull, default: value }) => {
        if (!to) return [];
        const standing = quoteIdentifier(to.standing);
        return [
          ...(notNull ? setNotNull(table, to.standing) : []),
          ...(value === undefined
            ? []
            : [`alter table ${table} alter column ${standing} set default (${value}\n)`]),
          ...(to.standing === to.name
            ? []
            : [`alter table ${table} rename column ${standing} to ${quoteIdentifier(to.name)}`]),
        ];
      }),
      mark,
    ),
    revert: '',
  };
}
