import { quoteIdentifier } from '../sql/identifiers.ts';
import {
  computed,
  identical,
  movesBetween,
  newScope,
  oldScope,
  restIsSame,
  saysTheSame,
  searchPath,
} from './expressions.ts';
import { isMirroring } from './mirror-functions.ts';
import { lines, type PhaseSql } from './phase-sql.ts';
import type { Computed, Pair, Shape } from './shape.ts';
import { createViews, dropViews } from './views.ts';

/** New columns beside the old ones, and what keeps both equal from their first moment on: in one transaction. */
export function expandColumns(shape: Shape): PhaseSql {
  const { names } = shape;
  const added = shape.changes.flatMap(({ to }) => (to ? [to] : []));
  return {
    together: true,
    apply:
      lines(
        added.map(
          ({ standing, type, collation }) =>
            `alter table ${names.table} add column ${quoteIdentifier(standing)} ${type}${collation === undefined ? '' : ` collate ${collation}`}`,
        ),
        differsFunction(shape),
        keepFunction(shape, false),
        `alter function ${names.differs}(${names.table}) owner to ${quoteIdentifier(shape.facts.owner)}`,
        `alter function ${names.upFunction}() owner to ${quoteIdentifier(shape.facts.owner)}`,
        `create trigger ${quoteIdentifier(names.trigger)} before insert or update on ${names.table} for each row execute function ${names.upFunction}()`,
      ) + createViews(shape, { old: names.table, new: names.table }),
    revert:
      dropViews(shape) +
      lines(
        `drop trigger if exists ${quoteIdentifier(names.trigger)} on ${names.table}`,
        `drop function if exists ${names.upFunction}()`,
        `drop function if exists ${names.differs}(${names.table})`,
        added.map(
          ({ standing }) => `alter table ${names.table} drop column if exists ${quoteIdentifier(standing)}`,
        ),
      ),
  };
}

/**
 * Who has written is told from what has changed: a release knows its own columns and leaves the others as they are. What the new
 * shape cannot hold is left as it was there, and the verification finds it; what the old one cannot hold is refused.
 */
export function keepFunction(shape: Shape, isStrict: boolean): string {
  const { names, pairs, onlyNew, onlyOld } = shape;
  const parts = [
    ...pairs.map((pair) => keepPair(shape, pair, isStrict)),
    ...onlyOld.map((column) => keepOld(shape, column)),
    ...onlyNew.map((column) => keepNew(shape, column, isStrict)),
  ];
  return `create or replace function ${names.upFunction}() returns trigger language plpgsql
set search_path = ${searchPath(shape)} as $crossfade$
#variable_conflict use_column
begin
  if tg_op = 'UPDATE' and ${isMirroring(shape)} and ${identical(writtenByOld(shape), 'new', 'old')} then
    return new;
  end if;
${parts.join('\n')}
  return new;
end $crossfade$`;
}

/** What the backfill sets is no release's writing; what a trigger of the table's own writes meanwhile is. */
const writtenByOld = ({ pairs, onlyOld }: Shape) => [
  ...pairs.map(({ old }) => old.column),
  ...onlyOld.map(({ column }) => column),
];

const field = ({ column }: Computed, row: string): string => `${row}.${quoteIdentifier(column.standing)}`;
const isWritten = (column: Computed): string =>
  `pg_catalog.record_image_ne(row(${field(column, 'new')}), row(${field(column, 'old')}))`;

function keepPair(shape: Shape, pair: Pair, isStrict: boolean): string {
  const { old, new: next } = pair;
  return `  if (tg_op = 'INSERT' and ${field(next, 'new')} is not null) or (tg_op = 'UPDATE' and ${isWritten(next)}) then
    if tg_op = 'INSERT' or not (${isWritten(old)}) then
      ${field(old, 'new')} := ${computed(old, newScope(shape, 'new'))};
    end if;
  else
${follow(shape, next, isStrict)}
  end if;`;
}

/** A column that only the old shape has says what the new release has written. */
function keepOld(shape: Shape, column: Computed): string {
  const wrote = [...shape.pairs.map((pair) => pair.new), ...shape.onlyNew];
  const isNew = wrote.map((one) => `${field(one, 'new')} is not null`).join(' or ') || 'false';
  const moved = movesBetween(column, newScope(shape, 'new'), newScope(shape, 'old'));
  return `  if (tg_op = 'INSERT' and (${isNew})) or (tg_op = 'UPDATE' and not (${isWritten(column)}) and ${moved}) then
    ${field(column, 'new')} := ${computed(column, newScope(shape, 'new'))};
  end if;`;
}

/** A column that only the new shape has says what the old release has written, and stays what the new one makes of it. */
function keepNew(shape: Shape, column: Computed, isStrict: boolean): string {
  const rest = restIsSame(shape, 'new', 'new');
  const unless = rest === null ? '' : ` and not ${rest}`;
  return `  if (tg_op = 'INSERT' and ${field(column, 'new')} is null) or (tg_op = 'UPDATE' and not (${isWritten(column)})${unless}) then
${follow(shape, column, isStrict)}
  end if;`;
}

/** Computed anew where it is empty, or where what it is computed from has changed; were the old value unfit, it has. */
function follow(shape: Shape, column: Computed, isStrict: boolean): string {
  const value = computed(column, oldScope(shape, 'new'));
  const moved = movesBetween(column, oldScope(shape, 'new'), oldScope(shape, 'old'));
  const isDue = `tg_op = 'INSERT' or ${field(column, 'new')} is null or ${moved}`;
  if (isStrict) return `    if ${isDue} then ${field(column, 'new')} := ${value}; end if;`;
  return `    begin
      if ${isDue} then
        ${field(column, 'new')} := ${value};
      end if;
    exception when data_exception or integrity_constraint_violation then
      begin
        ${field(column, 'new')} := ${value};
      exception when data_exception or integrity_constraint_violation then
        ${field(column, 'new')} := null;
      end;
    end;`;
}

/** Whether a row's two shapes do not say the same; true, too, where the new shape cannot hold the old value. */
function differsFunction(shape: Shape): string {
  const alone = shape.onlyOld.length === 0 ? shape.onlyNew : [];
  const filled = alone.map(
    (column) => `(${field(column, 'r')} is not null or ${computed(column, oldScope(shape, 'r'))} is null)`,
  );
  return `create or replace function ${shape.names.differs}(r ${shape.names.table}) returns boolean language plpgsql stable
set search_path = ${searchPath(shape)} as $crossfade$
#variable_conflict use_column
begin
  return not (${[saysTheSame(shape, 'r', 'r'), ...filled].join(' and ')});
exception when data_exception then
  return true;
end $crossfade$`;
}

/** What a backfill sets, and the guard by which a row is still to do; null where nothing is to be filled. */
export function fillOf(
  shape: Shape,
): { readonly set: Readonly<Record<string, string>>; readonly where: string } | null {
  const row = quoteIdentifier(shape.facts.name);
  const filled = [...shape.pairs.map((pair) => pair.new), ...shape.onlyNew];
  if (filled.length === 0) return null;
  const isEmpty = filled.map((column) => `${field(column, row)} is null`);
  const set = filled.map((column) => {
    const value = computed(column, oldScope(shape, row));
    // Not by coalesce, which would make one type of two: what does not fit must be refused, not cut off.
    return [
      column.column.standing,
      `case when ${field(column, row)} is null then ${value} else ${field(column, row)} end`,
    ];
  });
  return {
    set: Object.fromEntries(set),
    where: `(${isEmpty.join(' or ')}) and ${shape.names.differs}(${row}.*)`,
  };
}
